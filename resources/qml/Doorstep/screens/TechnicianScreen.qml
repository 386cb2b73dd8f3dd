pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// Four sections: the self-test, the devices, kept reports, and help from afar. The test's actions stay in view.
ScreenFrame {
    id: screen

    required property TechnicianViewModel viewModel

    property string section: "self_test"
    readonly property bool running: viewModel.running

    title: qsTr("设备与自检")
    leftText: qsTr("返回首页")
    leftEnabled: !running
    extraText: viewModel.maySetUp && !running ? qsTr("设备设置") : ""
    extraIcon: "tools"
    secondaryText: running ? qsTr("停止自检") : qsTr("快速自检")
    secondaryIcon: running ? "x" : "refresh"
    primaryText: running ? qsTr("正在自检…") : qsTr("开始自检")
    primaryIcon: "player-play"
    primaryEnabled: !running
    primaryBusy: running
    onLeftClicked: viewModel.home()
    onExtraClicked: viewModel.setUpDevices()
    onSecondaryClicked: {
        section = "self_test";
        if (running)
            viewModel.stopTest();
        else
            viewModel.runQuickTest();
    }
    onPrimaryClicked: {
        section = "self_test";
        viewModel.runSelfTest();
    }

    beside: [
        Chip {
            objectName: "section_self_test"
            text: qsTr("自检")
            iconName: "clipboard-check"
            selected: screen.section === "self_test"
            onClicked: screen.section = "self_test"
        },
        Chip {
            objectName: "section_devices"
            text: qsTr("设备")
            iconName: "tools"
            selected: screen.section === "devices"
            onClicked: screen.section = "devices"
        },
        Chip {
            objectName: "section_reports"
            text: qsTr("以往报告")
            iconName: "history"
            selected: screen.section === "reports"
            onClicked: screen.section = "reports"
        },
        Chip {
            objectName: "section_service"
            visible: screen.viewModel.service
            text: qsTr("远程支持")
            iconName: "phone"
            selected: screen.section === "service"
            onClicked: screen.section = "service"
        }
    ]

    // a section that is not shown keeps its size: a layout without any wraps its texts for ever
    Item {
        Layout.fillWidth: true
        Layout.fillHeight: true

        SelfTestPane {
            anchors.fill: parent
            visible: screen.section === "self_test"
            viewModel: screen.viewModel
            onSkipAsked: (key, label) => skipSheet.ask(key, label)
        }

        DevicesPane {
            anchors.fill: parent
            visible: screen.section === "devices"
            viewModel: screen.viewModel
        }

        ReportsPane {
            anchors.fill: parent
            visible: screen.section === "reports"
            viewModel: screen.viewModel
        }

        ServicePane {
            anchors.fill: parent
            visible: screen.section === "service" && screen.viewModel.service
            viewModel: screen.viewModel
            onDeletionAsked: name => deletionSheet.ask(name)
        }
    }

    Sheet {
        id: skipSheet

        property string key: ""

        function ask(check: string, label: string) {
            key = check;
            title = qsTr("跳过“%1”这一步？").arg(label);
            open();
        }

        objectName: "skipSheet"
        iconName: "alert-triangle"
        tone: "warning"
        text: qsTr("跳过就不能算通过。报告里会写明是谁跳过的。")
        primaryText: qsTr("跳过")
        secondaryText: qsTr("不跳过，接着做")
        dangerous: true
        onPrimaryClicked: screen.viewModel.skip(key)
    }

    Sheet {
        id: deletionSheet

        property string name: ""

        function ask(recording: string) {
            name = recording;
            open();
        }

        objectName: "deletionSheet"
        iconName: "trash"
        tone: "warning"
        title: qsTr("删除这个录制？")
        text: qsTr("%1 删除以后找不回来。").arg(name)
        primaryText: qsTr("删除")
        secondaryText: qsTr("返回")
        dangerous: true
        onPrimaryClicked: screen.viewModel.deleteRecording(name)
    }
}
