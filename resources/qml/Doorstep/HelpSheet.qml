import QtQuick
import QtQuick.Layouts
import Doorstep.ViewModels

// What this screen is for, what to do on it now, and whom to call.
Sheet {
    id: help

    required property ShellViewModel shell

    z: 400
    wide: true
    visible: shell.helpOpen
    closePolicy: Sheet.NoAutoClose
    title: qsTr("现在怎么做")
    text: shell.helpSay
    iconName: "bulb"

    Banner {
        Layout.fillWidth: true
        kind: "info"
        say: help.shell.helpDo
    }

    GridLayout {
        Layout.fillWidth: true
        columns: 2
        columnSpacing: Theme.gap
        rowSpacing: Theme.gapSmall

        Icon {
            name: "user"
            color: Theme.accent
        }
        Body {
            Layout.fillWidth: true
            text: help.shell.staffName === "" ? qsTr("看不懂、按错了：请叫站里的帮办员。") : qsTr("看不懂、按错了：请叫帮办员 %1。").arg(help.shell.staffName)
        }
        Icon {
            name: "tools"
            color: Theme.accent
        }
        Body {
            Layout.fillWidth: true
            text: qsTr("设备不工作：点屏幕下方亮起的那一项，照着做；还不行请联系技术员。")
        }
        Icon {
            name: "building-community"
            color: Theme.accent
        }
        Body {
            Layout.fillWidth: true
            text: help.shell.centreName === "" ? qsTr("政策和材料问题：以受理中心的告知为准。") : qsTr("政策和材料问题：以%1的告知为准。").arg(help.shell.centreName)
        }
    }

    ActionButton {
        objectName: "closeHelp"
        Layout.alignment: Qt.AlignRight
        Layout.topMargin: Theme.gapSmall
        large: true
        kind: "primary"
        text: qsTr("知道了")
        onClicked: help.shell.closeHelp()
    }
}
