import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

ScreenFrame {
    id: screen

    required property StartingViewModel viewModel

    Item {
        Layout.fillHeight: true
    }

    Icon {
        Layout.alignment: Qt.AlignHCenter
        name: "doorstep"
        size: Theme.px(180)
        color: Theme.accent
    }

    Heading {
        Layout.alignment: Qt.AlignHCenter
        text: screen.viewModel.stationName === "" ? qsTr("家门口服务站") : screen.viewModel.stationName
        font.pixelSize: Theme.display
    }

    Body {
        Layout.alignment: Qt.AlignHCenter
        text: qsTr("正在准备设备，马上就好。")
        font.pixelSize: Theme.lead
        color: Theme.muted
    }

    ProgressLine {
        Layout.alignment: Qt.AlignHCenter
        label: qsTr("正在启动")
        indeterminate: true
    }

    Item {
        Layout.fillHeight: true
    }
}
