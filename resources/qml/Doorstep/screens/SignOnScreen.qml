pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

ScreenFrame {
    id: screen

    required property SignOnViewModel viewModel

    property string account: viewModel.onlyAccount

    title: qsTr("帮办员登录")
    subtitle: account === "" ? qsTr("请先点自己的名字。") : qsTr("请输入您的密码。")
    onAccountChanged: {
        pad.clear();
        pad.forceActiveFocus();
    }
    Component.onCompleted: pad.forceActiveFocus()

    Connections {
        target: screen.viewModel

        function onRefused() {
            pad.clear();
            pad.forceActiveFocus();
        }
    }

    RowLayout {
        Layout.fillWidth: true
        Layout.fillHeight: true
        spacing: Theme.dp(72)

        ColumnLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
            spacing: Theme.gap

            Banner {
                objectName: "morning"
                Layout.fillWidth: true
                visible: say !== "" && screen.viewModel.refusal === ""
                kind: "warning"
                say: screen.viewModel.morning
                doText: screen.viewModel.morningNext
            }

            Banner {
                objectName: "signOnRefusal"
                Layout.fillWidth: true
                kind: "error"
                say: screen.viewModel.refusal
                doText: screen.viewModel.refusalNext
            }

            ListView {
                id: list

                // rows made ahead are made piece by piece, and half made ones outlive a screen that goes
                cacheBuffer: 0

                Layout.fillWidth: true
                Layout.fillHeight: true
                clip: true
                spacing: Theme.dp(16)
                boundsBehavior: Flickable.StopAtBounds
                model: screen.viewModel.accounts

                delegate: ListCard {
                    required property string account
                    required property string name
                    required property string role

                    objectName: "account_" + account
                    width: list.width - Theme.dp(24)
                    implicitHeight: Math.max(Theme.targetPrimary, implicitContentHeight + topPadding + bottomPadding)
                    title: name
                    subtitle: role
                    iconName: selected ? "user-check" : "user"
                    selected: screen.account === account
                    arrow: false
                    onClicked: screen.account = account
                }

                ScrollHint {
                    flickable: list
                }
            }

            Banner {
                objectName: "demoPin"
                Layout.fillWidth: true
                visible: screen.viewModel.demoPin !== ""
                kind: "info"
                say: screen.viewModel.demoPin === "" ? "" : qsTr("演示密码：%1").arg(screen.viewModel.demoPin)
                doText: qsTr("这是演示，正式的服务站没有默认密码。")
            }
        }

        Panel {
            Layout.preferredWidth: pad.implicitWidth + Theme.dp(96)
            Layout.preferredHeight: pad.implicitHeight + Theme.dp(80)
            Layout.alignment: Qt.AlignTop

            PinPad {
                id: pad

                objectName: "signOnPad"
                anchors.centerIn: parent
                enabled: screen.account !== ""
                keySize: Math.min(Theme.px(96), (screen.height - Theme.px(72) - Theme.dp(330)) / 4)
                confirmText: qsTr("登录")
                label: screen.account === "" ? qsTr("先选名字") : qsTr("密码")
                onEntered: pin => screen.viewModel.signOn(screen.account, pin)
            }
        }
    }
}
