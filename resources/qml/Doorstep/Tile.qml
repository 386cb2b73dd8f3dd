import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T

// A large choice: icon, `title`, `subtitle`, an optional `badge` (a count or a short word), tone of its icon.
T.Button {
    id: control

    property string title: ""
    property string subtitle: ""
    property string iconName: ""
    property string badge: ""
    property string tone: "accent"
    property bool selected: false
    property real iconBox: Theme.px(76)

    implicitWidth: Theme.px(360)
    implicitHeight: Math.max(Theme.px(150), implicitContentHeight + topPadding + bottomPadding)
    padding: Theme.dp(24)
    focusPolicy: Qt.StrongFocus
    text: title
    scale: down ? 0.985 : 1.0
    Accessible.role: Accessible.Button
    Accessible.name: [title, subtitle, badge].filter(part => part !== "").join(", ")
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    contentItem: RowLayout {
        spacing: Theme.dp(20)

        Rectangle {
            visible: control.iconName !== ""
            Layout.preferredWidth: control.iconBox
            Layout.preferredHeight: control.iconBox
            radius: Theme.radius
            color: control.enabled ? Theme.toneSoft(control.tone) : Theme.disabledFill
            border.width: Theme.highContrast ? Theme.border : 0
            border.color: Theme.line

            Icon {
                anchors.centerIn: parent
                name: control.iconName
                size: control.iconBox * 0.58
                color: control.enabled ? Theme.toneColor(control.tone) : Theme.disabledInk
            }
        }

        ColumnLayout {
            Layout.fillWidth: true
            spacing: Theme.dp(2)

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

        Rectangle {
            visible: control.badge !== ""
            Layout.alignment: Qt.AlignVCenter
            Layout.preferredWidth: Math.max(badgeText.implicitWidth + Theme.dp(28), height)
            Layout.preferredHeight: badgeText.implicitHeight + Theme.dp(8)
            radius: height / 2
            color: Theme.toneColor(control.tone)

            Text {
                id: badgeText

                anchors.centerIn: parent
                text: control.badge
                font.family: Theme.fontFamily
                font.pixelSize: Theme.small
                font.bold: true
                color: Theme.accentInk
                Accessible.ignored: true
            }
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
