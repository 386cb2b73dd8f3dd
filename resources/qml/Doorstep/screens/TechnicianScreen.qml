pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

ScreenFrame {
    id: screen

    required property TechnicianViewModel viewModel

    title: qsTr("设备与自检")
    subtitle: qsTr("状态只认设备自己的回答；没有回答就是“未知”。")
    leftText: qsTr("返回首页")
    primaryText: viewModel.running ? qsTr("正在自检…") : qsTr("开始自检")
    primaryIcon: "player-play"
    primaryEnabled: !viewModel.running
    primaryBusy: viewModel.running
    extraText: viewModel.maySetUp ? qsTr("设备设置") : ""
    extraIcon: "tools"
    extraEnabled: !viewModel.running
    onLeftClicked: viewModel.home()
    onExtraClicked: viewModel.setUpDevices()
    onPrimaryClicked: viewModel.runSelfTest()

    RowLayout {
        Layout.fillWidth: true
        Layout.fillHeight: true
        spacing: Theme.gapLarge

        ColumnLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
            spacing: Theme.gapSmall

            Body {
                text: qsTr("设备")
                font.bold: true
            }

            Panel {
                Layout.fillWidth: true
                tone: screen.viewModel.paperTone
                implicitHeight: paper.implicitHeight + Theme.dp(24)

                RowLayout {
                    id: paper

                    anchors.left: parent.left
                    anchors.right: parent.right
                    anchors.verticalCenter: parent.verticalCenter
                    anchors.leftMargin: Theme.dp(22)
                    anchors.rightMargin: Theme.dp(12)
                    spacing: Theme.gap

                    Body {
                        objectName: "paperLeft"
                        Layout.fillWidth: true
                        text: screen.viewModel.paper
                    }

                    ActionButton {
                        objectName: "newRoll"
                        text: qsTr("已换新纸")
                        iconName: "refresh"
                        onClicked: screen.viewModel.newRoll()
                    }
                }
            }

            ListView {
                id: devices

                // rows made ahead are made piece by piece, and half made ones outlive a screen that goes
                cacheBuffer: 0

                Layout.fillWidth: true
                Layout.fillHeight: true
                clip: true
                spacing: Theme.dp(12)
                boundsBehavior: Flickable.StopAtBounds
                model: screen.viewModel.devices

                delegate: StateCard {
                    required property string key

                    required label
                    required word
                    required lamp
                    required explanation
                    required todo
                    required identity

                    objectName: "device_" + key
                    width: devices.width - Theme.dp(24)
                }

                ScrollHint {
                    flickable: devices
                }
            }
        }

        ColumnLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
            spacing: Theme.gapSmall

            Body {
                text: qsTr("自检")
                font.bold: true
            }

            Banner {
                objectName: "selfTestVerdict"
                Layout.fillWidth: true
                kind: screen.viewModel.verdictTone
                say: screen.viewModel.verdict
            }

            EmptyState {
                Layout.fillWidth: true
                Layout.topMargin: Theme.gapLarge
                visible: checks.count === 0
                iconName: "clipboard-check"
                title: qsTr("还没有自检")
                text: qsTr("自检会逐项检查设备、磁盘和线路，约一分钟。")
            }

            ListView {
                id: checks

                // rows made ahead are made piece by piece, and half made ones outlive a screen that goes
                cacheBuffer: 0

                Layout.fillWidth: true
                Layout.fillHeight: true
                clip: true
                spacing: Theme.dp(12)
                boundsBehavior: Flickable.StopAtBounds
                model: screen.viewModel.checks

                delegate: StateCard {
                    required property string checkId

                    required label
                    required word
                    required lamp
                    required explanation
                    required todo

                    objectName: "check_" + checkId
                    width: checks.width - Theme.dp(24)
                }

                ScrollHint {
                    flickable: checks
                }
            }
        }
    }
}
