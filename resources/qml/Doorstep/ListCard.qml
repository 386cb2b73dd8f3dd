import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T

// A row to choose: icon, `title`, `subtitle`, a word at the end (`trailing`, in `tone`), an arrow when it leads on.
T.ItemDelegate {
    id: control

    property string title: ""
    property string subtitle: ""
    property string trailing: ""
    property string iconName: ""
    property string tone: "accent"
    property bool selected: false
    property bool arrow: true

    implicitWidth: Theme.dp(600)
    implicitHeight: Math.max(Theme.targetLarge, implicitContentHeight + topPadding + bottomPadding)
    leftPadding: Theme.dp(24)
    rightPadding: Theme.dp(20)
    topPadding: Theme.dp(12)
    bottomPadding: Theme.dp(12)
    focusPolicy: Qt.StrongFocus
    text: title
    Accessible.role: Accessible.Button
    Accessible.name: [title, subtitle, trailing].filter(part => part !== "").join(", ")
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    contentItem: RowLayout {
        spacing: Theme.dp(20)

        Icon {
            visible: control.iconName !== ""
            name: control.iconName
            size: Theme.px(42)
            color: control.enabled ? Theme.toneColor(control.tone) : Theme.disabledInk
        }

        ColumnLayout {
            Layout.fillWidth: true
            spacing: 0

            Text {
                Layout.fillWidth: true
                text: control.title
                font.family: Theme.fontFamily
                font.pixelSize: Theme.lead
                font.bold: true
                color: control.enabled ? Theme.ink : Theme.disabledInk
                wrapMode: Text.Wrap
                Accessible.ignored: true
            }

            Text {
                Layout.fillWidth: true
                visible: text !== ""
                text: control.subtitle
                font.family: Theme.fontFamily
                font.pixelSize: Theme.small
                color: control.enabled ? Theme.muted : Theme.disabledInk
                wrapMode: Text.Wrap
                Accessible.ignored: true
            }
        }

        Text {
            visible: text !== ""
            text: control.trailing
            font.family: Theme.fontFamily
            font.pixelSize: Theme.small
            font.bold: true
            color: control.enabled ? Theme.toneColor(control.tone) : Theme.disabledInk
            Accessible.ignored: true
        }

        Icon {
            visible: control.arrow
            name: "chevron-right"
            color: control.enabled ? Theme.muted : Theme.disabledInk
        }
    }

    background: Rectangle {
        radius: Theme.radius
        color: control.down || control.selected ? Theme.accentSoft : Theme.surface
        border.width: control.selected ? Theme.border + Theme.dp(3) : Theme.border
        border.color: control.selected ? Theme.accent : Theme.line

        FocusRing {
            shown: control.visualFocus
        }
    }
}
