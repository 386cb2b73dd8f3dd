pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// The fresh picture: how good it is, its corners to correct, and use it or take it again. A picture that is not good
// may be used with a reason (capture_reason_0 …, capture_reasonText), which the clerk will see.
RowLayout {
    id: review

    required property CaptureViewModel viewModel
    readonly property bool good: viewModel.reviewVerdicts.length === 0

    spacing: Theme.gap

    Rectangle {
        Layout.fillWidth: true
        Layout.fillHeight: true
        radius: Theme.radiusSmall
        color: "#101A1C"

        CornerEditor {
            objectName: "capture_corners"
            anchors.fill: parent
            anchors.margins: Theme.dp(36)
            source: review.viewModel.reviewSource
            corners: review.viewModel.reviewCorners
            editable: !review.viewModel.busy
            onMoved: corners => review.viewModel.moveCorners(corners)
        }
    }

    ColumnLayout {
        Layout.fillHeight: true
        Layout.fillWidth: false
        Layout.preferredWidth: Theme.dp(Theme.largePrint ? 640 : 560)
        spacing: Theme.dp(12)

        ScrollColumn {
            Layout.fillWidth: true
            Layout.fillHeight: true
            spacing: Theme.dp(12)

            Banner {
                Layout.fillWidth: true
                kind: review.good ? "good" : "warning"
                say: review.good ? qsTr("拍得清楚，可以用") : qsTr("这张还不够好")
                doText: review.good ? "" : review.viewModel.reviewVerdicts.join("\n")
            }

            Body {
                Layout.fillWidth: true
                visible: !Theme.tight
                text: qsTr("四个角不准？按住圆点拖到纸角上。")
                color: Theme.muted
            }

            GridLayout {
                Layout.fillWidth: true
                columns: 2
                columnSpacing: Theme.dp(12)
                uniformCellWidths: true

                ActionButton {
                    objectName: "capture_rotate"
                    Layout.fillWidth: true
                    leftPadding: Theme.dp(12)
                    iconName: "rotate-clockwise"
                    text: qsTr("转一下")
                    font.pixelSize: Theme.body
                    enabled: !review.viewModel.busy
                    onClicked: review.viewModel.rotateReview()
                }

                ActionButton {
                    objectName: "capture_whole"
                    Layout.fillWidth: true
                    leftPadding: Theme.dp(12)
                    iconName: "photo"
                    text: qsTr("用整张")
                    font.pixelSize: Theme.body
                    enabled: !review.viewModel.busy
                    onClicked: review.viewModel.useWholePicture()
                }
            }
        }

        ActionButton {
            objectName: "capture_again"
            Layout.fillWidth: true
            kind: review.good ? "secondary" : "primary"
            iconName: "refresh"
            text: qsTr("重拍")
            enabled: !review.viewModel.busy
            onClicked: review.viewModel.retake()
        }

        ActionButton {
            objectName: "capture_accept"
            Layout.fillWidth: true
            kind: review.good ? "primary" : "secondary"
            iconName: "check"
            text: review.good ? qsTr("就用这张") : qsTr("还是用这张…")
            busy: review.viewModel.busy
            enabled: !review.viewModel.busy
            onClicked: {
                if (review.good)
                    review.viewModel.accept("");
                else
                    reasonSheet.open();
            }
        }
    }

    Sheet {
        id: reasonSheet

        title: qsTr("为什么用这张？")
        text: qsTr("窗口人员会看到这个说明。")
        wide: true
        primaryText: qsTr("用这张")
        primaryEnabled: reason.text.trim() !== ""
        secondaryText: qsTr("返回")
        onClosed: reason.text = ""
        closeOnPrimary: false
        onPrimaryClicked: {
            review.viewModel.accept(reason.text);
            close();
        }

        Flow {
            Layout.fillWidth: true
            spacing: Theme.gapSmall

            Repeater {
                // recorded in Chinese, for the clerk
                model: [["原件就是这样", qsTr("原件就是这样")], ["反光去不掉", qsTr("反光去不掉")], ["原件破损", qsTr("原件破损")], ["字迹已经褪色", qsTr("字迹已经褪色")]]

                Chip {
                    required property int index
                    required property var modelData

                    objectName: "capture_reason_" + index
                    text: modelData[1]
                    selected: reason.text === modelData[0]
                    onClicked: reason.text = modelData[0]
                }
            }
        }

        Field {
            id: reason

            objectName: "capture_reasonText"
            Layout.fillWidth: true
            label: qsTr("也可以自己写")
            inputKind: "pinyin"
            maximumLength: 100
        }
    }
}
