import QtQuick
import QtQuick.Layouts
import Doorstep.ViewModels

// Is anybody still here? One big answer; any touch counts as well.
Sheet {
    id: idle

    required property ShellViewModel shell

    z: 900
    visible: shell.warning
    title: qsTr("您还在吗？")
    text: qsTr("为了保护您的隐私，屏幕即将遮住。内容不会丢失。")
    iconName: "clock"
    tone: "warning"
    closePolicy: Sheet.NoAutoClose

    RowLayout {
        Layout.fillWidth: true
        Layout.topMargin: Theme.gap
        spacing: Theme.gapLarge

        ColumnLayout {
            spacing: 0

            Text {
                Layout.alignment: Qt.AlignHCenter
                text: idle.shell.secondsLeft
                font.family: Theme.fontFamily
                font.pixelSize: Theme.px(96)
                font.bold: true
                color: Theme.warning
                Accessible.role: Accessible.StaticText
                Accessible.name: qsTr("还剩 %1 秒").arg(idle.shell.secondsLeft)
            }

            Body {
                Layout.alignment: Qt.AlignHCenter
                text: qsTr("秒")
                Accessible.ignored: true
            }
        }

        ActionButton {
            objectName: "goOn"
            Layout.fillWidth: true
            Layout.preferredHeight: Theme.px(140)
            large: true
            kind: "primary"
            font.pixelSize: Theme.display
            text: qsTr("继续办理")
            onClicked: idle.shell.goOn()
        }
    }
}
