import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// The first start: who looks after this station. Name, account, PIN, PIN again; one thing at a time.
ScreenFrame {
    id: screen

    required property SetupViewModel viewModel

    property int stage: 0
    property string firstPin: ""
    property string problem: ""

    function nameStageDone(): bool {
        return nameField.text.trim() !== "" && viewModel.goodAccount(accountField.text);
    }

    title: qsTr("第一次启动：设置管理员")
    subtitle: stage === 0 ? qsTr("管理员可以添加帮办员、查看设备。请由负责这个服务站的人来设置。") : stage === 1 ? qsTr("为 %1 设一个密码，至少 6 位数字。请记在心里，不要写在机器上。").arg(nameField.text.trim()) : qsTr("请再输入一次同样的密码。")
    steps: [qsTr("姓名"), qsTr("密码"), qsTr("再输一次")]
    step: stage
    leftText: stage > 0 ? qsTr("上一步") : ""
    primaryText: stage === 0 ? qsTr("下一步") : ""
    primaryEnabled: stage === 0 && nameField.text.trim() !== "" && viewModel.goodAccount(accountField.text)
    onLeftClicked: {
        problem = "";
        firstPin = "";
        stage -= 1;
    }
    onPrimaryClicked: stage = 1
    onStageChanged: {
        pad.clear();
        if (stage > 0)
            pad.forceActiveFocus();
    }

    Connections {
        target: screen.viewModel

        function onChanged() {
            if (screen.viewModel.refusal !== "") {
                screen.firstPin = "";
                screen.stage = screen.stage === 2 ? 1 : screen.stage;
            }
        }
    }

    Banner {
        objectName: "setupProblem"
        Layout.fillWidth: true
        kind: "error"
        say: screen.problem !== "" ? screen.problem : screen.viewModel.refusal
    }

    ScrollColumn {
        Layout.fillWidth: true
        Layout.fillHeight: true
        visible: screen.stage === 0

        Field {
            id: nameField

            objectName: "setupName"
            Layout.fillWidth: true
            Layout.maximumWidth: Theme.px(900)
            Layout.topMargin: Theme.gap
            label: qsTr("您的姓名")
            placeholder: qsTr("点这里输入")
            maximumLength: 30
            inputKind: "pinyin"
        }

        Field {
            id: accountField

            objectName: "setupAccount"
            Layout.fillWidth: true
            Layout.maximumWidth: Theme.px(900)
            label: qsTr("账号")
            placeholder: qsTr("例如 wangli")
            hintText: qsTr("用小写字母和数字，字母开头，至少 2 个。")
            errorText: text !== "" && !screen.viewModel.goodAccount(text) ? qsTr("账号只能用小写字母和数字，字母开头，至少 2 个。") : ""
            maximumLength: 32
            inputKind: "latin"
        }
    }

    Item {
        Layout.fillWidth: true
        Layout.fillHeight: true
        visible: screen.stage > 0

        PinPad {
            id: pad

            objectName: "setupPad"
            anchors.centerIn: parent
            confirmText: screen.stage === 1 ? qsTr("下一步") : qsTr("完成")
            label: screen.stage === 1 ? qsTr("新密码") : qsTr("再输一次")
            keySize: Math.min(Theme.px(92), (parent.height - Theme.px(72)) / 4 - Theme.dp(16))
            onEntered: pin => {
                if (screen.stage === 1) {
                    screen.problem = "";
                    screen.firstPin = pin;
                    screen.stage = 2;
                } else if (pin === screen.firstPin) {
                    screen.problem = "";
                    screen.firstPin = "";
                    pad.clear();
                    screen.viewModel.make(accountField.text, nameField.text, pin);
                } else {
                    screen.firstPin = "";
                    screen.stage = 1;
                    screen.problem = qsTr("两次输入不一样，请重新设一个密码。");
                }
            }
        }
    }
}
