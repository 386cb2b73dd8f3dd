import QtQuick
import QtQuick.Layouts

// Something plugged in, or something that answered: its name, its lasting identity, what to know, what can be done.
Panel {
    id: card

    property string key: ""
    property string name: ""
    property string identity: ""
    property string connection: ""
    property string note: ""
    property string noteTone: ""
    property bool usable: true
    property bool used: false
    property bool asks: false
    property bool scans: false
    property bool busy: false

    signal tried
    signal asked
    signal scanned

    implicitHeight: column.implicitHeight + Theme.dp(32)
    tone: used ? "good" : ""
    Accessible.role: Accessible.StaticText
    Accessible.name: [name, identity, note].filter(part => part !== "").join(", ")

    ColumnLayout {
        id: column

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.leftMargin: Theme.dp(22)
        anchors.rightMargin: Theme.dp(22)
        spacing: Theme.dp(6)

        Body {
            Layout.fillWidth: true
            text: card.name === "" ? card.identity : card.name
            font.bold: true
            Accessible.ignored: true
        }

        Caption {
            Layout.fillWidth: true
            visible: text !== "" && card.name !== "" && card.connection.indexOf(text) < 0
            text: card.identity
            wrapMode: Text.WrapAnywhere
            Accessible.ignored: true
        }

        Caption {
            Layout.fillWidth: true
            visible: text !== ""
            text: card.connection
            wrapMode: Text.WrapAnywhere
            Accessible.ignored: true
        }

        RowLayout {
            Layout.fillWidth: true
            visible: card.note !== ""
            spacing: Theme.dp(10)

            Icon {
                visible: card.noteTone !== ""
                name: Theme.toneIcon(card.noteTone)
                size: Theme.px(30)
                color: Theme.toneColor(card.noteTone)
                Layout.alignment: Qt.AlignTop
            }

            Caption {
                Layout.fillWidth: true
                text: card.note
                color: card.noteTone === "" ? Theme.ink : Theme.toneColor(card.noteTone)
                Accessible.ignored: true
            }
        }

        Flow {
            Layout.fillWidth: true
            visible: card.usable || card.asks
            spacing: Theme.gapSmall

            ActionButton {
                objectName: "try_" + card.key
                visible: card.usable
                enabled: !card.busy && !card.used
                text: card.used ? qsTr("正在试用") : qsTr("试用")
                kind: card.used ? "secondary" : "primary"
                iconName: card.used ? "check" : "player-play"
                onClicked: card.tried()
            }

            ActionButton {
                objectName: "ask_" + card.key
                visible: card.asks
                enabled: !card.busy
                text: qsTr("试各种速度")
                iconName: "refresh"
                onClicked: card.asked()
            }

            ActionButton {
                objectName: "scan_" + card.key
                visible: card.scans
                enabled: !card.busy
                text: qsTr("扫码识别")
                iconName: "search"
                onClicked: card.scanned()
            }
        }
    }
}
