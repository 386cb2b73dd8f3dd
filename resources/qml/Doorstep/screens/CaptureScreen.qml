pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// The live picture with the page outlined; the materials at the side; a fresh picture to look at before it is used.
VisitScreen {
    id: screen

    required property CaptureViewModel viewModel

    name: "capture"
    visit: viewModel
    // going on would lose the picture that is being looked at
    primaryEnabled: viewModel.canNext && !viewModel.reviewing
    primaryReason: viewModel.reviewing ? qsTr("请先决定：用这张，还是重拍") : viewModel.nextHint

    Banner {
        Layout.fillWidth: true
        kind: "warning"
        say: screen.viewModel.markedReason !== "" ? qsTr("窗口请您重拍：%1").arg(screen.viewModel.materialName) : screen.viewModel.correctionReason !== "" ? qsTr("窗口的说明") : ""
        doText: [screen.viewModel.markedReason, screen.viewModel.correctionReason].filter((part, place, all) => part !== "" && all.indexOf(part) === place).join(qsTr("；"))
    }

    RowLayout {
        Layout.fillWidth: true
        Layout.fillHeight: true
        spacing: Theme.gap

        CaptureLive {
            Layout.fillWidth: true
            Layout.fillHeight: true
            visible: !screen.viewModel.reviewing
            viewModel: screen.viewModel
        }

        CaptureMaterials {
            Layout.fillWidth: false
            Layout.fillHeight: true
            Layout.preferredWidth: Theme.dp(Theme.largePrint ? 640 : 560)
            visible: !screen.viewModel.reviewing
            viewModel: screen.viewModel
        }

        CaptureReview {
            Layout.fillWidth: true
            Layout.fillHeight: true
            visible: screen.viewModel.reviewing
            viewModel: screen.viewModel
        }
    }
}
