import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T

// One way to do a thing: a drawing, what to do, and how its device is right now (`stateText` in `stateTone`).
// With `actionText` the whole card is a button; otherwise it only explains.
T.Button {
    id: card

    property string illustration: ""
    property string title: ""
    property string explanation: ""
    property string stateText: ""
    property string stateTone: "good"
    property string actionText: ""
    readonly property bool pressable: actionText !== ""

    implicitWidth: Theme.px(420)
    implicitHeight: Theme.px(300)
    padding: Theme.dp(Theme.compact ? 16 : 28)
    focusPolicy: pressable ? Qt.StrongFocus : Qt.NoFocus
    hoverEnabled: false
    down: pressable && pressed
    scale: down ? 0.985 : 1.0
    text: title
    Accessible.role: pressable ? Accessible.Button : Accessible.StaticText
    Accessible.name: [title, explanation, stateText, actionText].filter(part => part !== "").join(", ")
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    contentItem: ColumnLayout {
        spacing: Theme.dp(8)

        Illustration {
            visible: Layout.preferredHeight >= Theme.dp(90)
            Layout.fillWidth: true
            Layout.preferredHeight: Math.min(card.height * 0.46, Theme.dp(320), card.availableHeight - words.implicitHeight - Theme.dp(8))
            name: card.illustration
        }

        ColumnLayout {
            id: words

            Layout.fillWidth: true
            Layout.fillHeight: true
            spacing: Theme.dp(8)

            Heading {
                Layout.fillWidth: true
                horizontalAlignment: Text.AlignHCenter
                text: card.title
                font.pixelSize: Theme.compact ? Theme.lead : Theme.title
                Accessible.ignored: true
            }

            Body {
                Layout.fillWidth: true
                horizontalAlignment: Text.AlignHCenter
                visible: text !== "" && (!Theme.tight || card.stateTone === "good" || card.stateTone === "busy")
                text: card.explanation
                color: Theme.muted
                font.pixelSize: Theme.compact ? Theme.small : Theme.body
                Accessible.ignored: true
            }

            Item {
                Layout.fillHeight: true
            }

            RowLayout {
                Layout.fillWidth: true
                visible: card.stateText !== ""
                spacing: Theme.dp(10)

                Item {
                    Layout.fillWidth: true
                }

                Icon {
                    name: Theme.toneIcon(card.stateTone)
                    size: Theme.px(30)
                    color: Theme.toneColor(card.stateTone)
                }

                Caption {
                    Layout.maximumWidth: card.availableWidth - Theme.px(30) - 3 * Theme.dp(10)
                    text: card.stateText
                    color: Theme.toneColor(card.stateTone)
                    font.bold: true
                    Accessible.ignored: true
                }

                Item {
                    Layout.fillWidth: true
                }
            }

            Rectangle {
                Layout.fillWidth: true
                visible: card.pressable
                implicitHeight: actionLabel.implicitHeight + Theme.dp(20)
                radius: Theme.radiusSmall
                color: Theme.accentSoft
                border.width: Theme.border
                border.color: Theme.accent

                Text {
                    id: actionLabel

                    anchors.centerIn: parent
                    width: parent.width - Theme.dp(20)
                    horizontalAlignment: Text.AlignHCenter
                    text: card.actionText
                    font.family: Theme.fontFamily
                    font.pixelSize: Theme.body
                    font.bold: true
                    color: Theme.accent
                    wrapMode: Text.Wrap
                    Accessible.ignored: true
                }
            }
        }
    }

    background: Rectangle {
        radius: Theme.radius
        color: card.down ? Theme.accentSoft : Theme.surface
        border.width: Theme.border
        border.color: card.pressable ? Theme.accent : Theme.line

        FocusRing {
            shown: card.visualFocus
        }
    }
}
