import QtQuick
import QtQuick.Layouts

// One sentence and its next step. kind: info | good | warning | error. `actionText` and `closable` are optional.
Rectangle {
    id: banner

    property string kind: "info"
    property string say: ""
    property string doText: ""
    property string actionText: ""
    property bool closable: false

    signal actionClicked
    signal closeClicked

    visible: say !== ""
    implicitWidth: Theme.dp(600)
    implicitHeight: visible ? line.implicitHeight + Theme.dp(28) : 0
    radius: Theme.radius
    color: Theme.toneSoft(kind)
    border.width: Theme.border
    border.color: Theme.toneColor(kind)
    Accessible.role: Accessible.AlertMessage
    Accessible.name: (say + " " + doText).trim()

    RowLayout {
        id: line

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.leftMargin: Theme.dp(24)
        anchors.rightMargin: Theme.dp(16)
        spacing: Theme.dp(18)

        Icon {
            name: Theme.toneIcon(banner.kind)
            size: Theme.px(40)
            color: Theme.toneColor(banner.kind)
            Layout.alignment: Qt.AlignVCenter
        }

        ColumnLayout {
            Layout.fillWidth: true
            spacing: 0

            Body {
                Layout.fillWidth: true
                text: banner.say
                font.bold: true
                Accessible.ignored: true
            }

            Body {
                Layout.fillWidth: true
                visible: text !== ""
                text: banner.doText
                Accessible.ignored: true
            }
        }

        ActionButton {
            objectName: "bannerAction"
            visible: banner.actionText !== ""
            text: banner.actionText
            onClicked: banner.actionClicked()
        }

        IconButton {
            objectName: "bannerClose"
            visible: banner.closable
            label: qsTr("关闭提示")
            iconName: "x"
            onClicked: banner.closeClicked()
        }
    }
}
