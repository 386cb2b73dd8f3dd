import QtQuick
import QtQuick.Templates as T

// On or off, with the words 开/关 beside the knob. Use `onToggled` and bind `checked` to the view model.
T.Switch {
    id: control

    implicitWidth: implicitContentWidth + implicitIndicatorWidth + spacing + leftPadding + rightPadding
    implicitHeight: Math.max(Theme.target, implicitContentHeight)
    spacing: Theme.dp(18)
    focusPolicy: Qt.StrongFocus
    font.family: Theme.fontFamily
    font.pixelSize: Theme.body
    Accessible.role: Accessible.CheckBox
    Accessible.name: text
    Accessible.checkable: true
    Accessible.checked: checked
    Keys.onReturnPressed: {
        toggle();
        toggled();
    }

    indicator: Rectangle {
        implicitWidth: Theme.px(120)
        implicitHeight: Theme.px(56)
        x: control.leftPadding
        y: (control.height - height) / 2
        radius: height / 2
        color: control.checked ? Theme.accent : Theme.surface
        border.width: Theme.border
        border.color: control.checked ? Theme.accent : Theme.lineStrong

        Text {
            x: control.checked ? Theme.px(18) : parent.width - width - Theme.px(18)
            anchors.verticalCenter: parent.verticalCenter
            text: control.checked ? qsTr("开") : qsTr("关")
            font.family: Theme.fontFamily
            font.pixelSize: Theme.small
            font.bold: true
            color: control.checked ? Theme.accentInk : Theme.muted
            Accessible.ignored: true
        }

        Rectangle {
            width: parent.height - Theme.dp(12)
            height: width
            radius: width / 2
            x: control.checked ? parent.width - width - Theme.dp(6) : Theme.dp(6)
            anchors.verticalCenter: parent.verticalCenter
            color: control.checked ? Theme.accentInk : Theme.lineStrong
        }

        FocusRing {
            radius: height / 2
            shown: control.visualFocus
        }
    }

    contentItem: Text {
        leftPadding: control.indicator.width + control.spacing
        text: control.text
        font: control.font
        color: Theme.ink
        wrapMode: Text.Wrap
        verticalAlignment: Text.AlignVCenter
        Accessible.ignored: true
    }
}
