import QtQuick
import QtQuick.Templates as T

// A small choice among others (a department, a filter, an answer). `selected` shows a tick, not only a colour.
T.Button {
    id: control

    property string iconName: ""
    property bool selected: false

    implicitWidth: implicitContentWidth + leftPadding + rightPadding
    implicitHeight: Math.max(Theme.target, implicitContentHeight + topPadding + bottomPadding)
    leftPadding: Theme.dp(24)
    rightPadding: Theme.dp(24)
    topPadding: Theme.dp(6)
    bottomPadding: Theme.dp(6)
    focusPolicy: Qt.StrongFocus
    font.family: Theme.fontFamily
    font.pixelSize: Theme.body
    font.bold: selected
    Accessible.role: Accessible.RadioButton
    Accessible.name: text
    Accessible.checkable: true
    Accessible.checked: selected
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    contentItem: Item {
        implicitWidth: line.implicitWidth
        implicitHeight: line.implicitHeight

        Row {
            id: line

            anchors.centerIn: parent
            spacing: Theme.dp(10)

            Icon {
                visible: name !== ""
                name: control.selected ? "check" : control.iconName
                size: Theme.px(30)
                color: label.color
                anchors.verticalCenter: parent.verticalCenter
            }

            Text {
                id: label

                text: control.text
                font: control.font
                color: !control.enabled ? Theme.disabledInk : control.selected ? Theme.accentInk : Theme.ink
                anchors.verticalCenter: parent.verticalCenter
                Accessible.ignored: true
            }
        }
    }

    background: Rectangle {
        radius: height / 2
        color: control.selected ? control.enabled ? Theme.accent : Theme.disabledFill : control.down ? Theme.accentSoft : Theme.surface
        border.width: Theme.border
        border.color: control.selected && control.enabled ? Theme.accent : Theme.lineStrong

        FocusRing {
            radius: height / 2
            shown: control.visualFocus
        }
    }
}
