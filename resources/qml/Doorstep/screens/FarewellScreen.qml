import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// Take your things; everything of you is gone from here. Goes home by itself after `viewModel.seconds`; farewell_done.
VisitScreen {
    id: screen

    required property FarewellViewModel viewModel
    property int secondsLeft: viewModel.seconds

    name: "farewell"
    visit: viewModel
    cancellable: false
    leadsOn: false
    leftText: ""
    title: qsTr("办好了，请慢走")

    Timer {
        interval: 1000
        repeat: true
        running: screen.viewModel.here && screen.viewModel.seconds > 0 && screen.secondsLeft > 0 && !screen.viewModel.forgotten
        onTriggered: {
            screen.secondsLeft -= 1;
            if (screen.secondsLeft === 0)
                screen.viewModel.finish();
        }
    }

    RowLayout {
        Layout.fillWidth: true
        Layout.fillHeight: true
        spacing: Theme.gapLarge

        WayCard {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
            illustration: "take-belongings"
            title: qsTr("请拿好证件和材料")
            explanation: qsTr("看一看读卡器上、镜头下面，还有没有您的卡和纸")
        }

        WayCard {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
            illustration: "wiped"
            title: qsTr("您的信息已清除")
            explanation: qsTr("姓名、证件号和照片都不再显示。没送出的材料只以加密形式保存，送到后立即销毁。")
        }
    }

    RowLayout {
        Layout.fillWidth: true
        spacing: Theme.gap

        Body {
            Layout.fillWidth: true
            text: screen.viewModel.seconds > 0 && !screen.viewModel.forgotten ? qsTr("%n 秒后自动回到首页", "", screen.secondsLeft) : ""
            color: Theme.muted
        }

        ActionButton {
            objectName: "farewell_done"
            large: true
            kind: "primary"
            iconName: "home"
            text: qsTr("好，回首页")
            onClicked: screen.viewModel.finish()
        }
    }
}
