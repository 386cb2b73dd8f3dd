import QtQuick
import QtQuick.Layouts

// A device or a check: its name, its state as shape, word and colour, what that means and the next step.
Panel {
    id: card

    property string label: ""
    property string word: ""
    property string lamp: "unknown"
    property string explanation: ""
    property string todo: ""
    property string measured: ""
    property string identity: ""

    implicitHeight: column.implicitHeight + Theme.dp(28)
    Accessible.role: Accessible.StaticText
    Accessible.name: [label, word, explanation, todo, measured, identity].filter(part => part !== "").join(", ")

    ColumnLayout {
        id: column

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.topMargin: Theme.dp(14)
        anchors.leftMargin: Theme.dp(22)
        anchors.rightMargin: Theme.dp(22)
        spacing: 0

        RowLayout {
            Layout.fillWidth: true
            spacing: Theme.dp(14)

            Icon {
                name: Theme.toneIcon(card.lamp)
                color: Theme.toneColor(card.lamp)
            }

            Body {
                Layout.fillWidth: true
                text: card.label
                font.bold: true
                Accessible.ignored: true
            }

            Body {
                text: card.word
                font.bold: true
                color: Theme.toneColor(card.lamp)
                Accessible.ignored: true
            }
        }

        Caption {
            Layout.fillWidth: true
            visible: text !== ""
            text: card.explanation
            Accessible.ignored: true
        }

        Caption {
            Layout.fillWidth: true
            visible: text !== ""
            text: card.todo
            color: Theme.ink
            Accessible.ignored: true
        }

        Caption {
            Layout.fillWidth: true
            visible: text !== ""
            text: card.measured
            Accessible.ignored: true
        }

        Caption {
            Layout.fillWidth: true
            visible: card.identity !== ""
            text: card.identity === "" ? "" : qsTr("编号 %1").arg(card.identity)
            Accessible.ignored: true
        }
    }
}
