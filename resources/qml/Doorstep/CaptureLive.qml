import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// The camera's picture with the page outlined, and below it one sentence: what to do or change right now.
ColumnLayout {
    id: live

    required property CaptureViewModel viewModel
    readonly property bool lyingStill: viewModel.still > 0.02
    readonly property bool trouble: viewModel.cameraTrouble !== ""

    spacing: 0

    LiveView {
        id: view

        objectName: "capture_live"
        Layout.fillWidth: true
        Layout.fillHeight: true
        clip: true

        OutlineOverlay {
            anchors.fill: parent
            visible: view.fresh
            picture: view.picture
            corners: live.viewModel.outline
            still: live.viewModel.still
        }

        StillRing {
            anchors.right: parent.right
            anchors.top: parent.top
            anchors.margins: Theme.gap
            visible: live.viewModel.automatic && live.lyingStill
            value: live.viewModel.still
        }
    }

    Rectangle {
        Layout.fillWidth: true
        implicitHeight: words.implicitHeight + Theme.dp(Theme.tight ? 14 : 28)
        radius: Theme.radiusSmall
        color: live.trouble || live.viewModel.advice !== "" ? Theme.warning : Theme.cover

        RowLayout {
            id: words

            anchors.left: parent.left
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.leftMargin: Theme.dp(24)
            anchors.rightMargin: Theme.dp(24)
            spacing: Theme.gap

            Icon {
                name: {
                    if (live.trouble)
                        return "alert-triangle";
                    if (live.viewModel.advice !== "")
                        return "bulb";
                    if (live.lyingStill || (live.viewModel.canNext && !live.viewModel.secondSide))
                        return "circle-check";
                    return live.viewModel.secondSide ? "refresh" : "file-text";
                }
                size: Theme.px(Theme.tight ? 40 : 56)
                color: Theme.coverInk
            }

            ColumnLayout {
                Layout.fillWidth: true
                spacing: 0

                Heading {
                    objectName: "capture_advice"
                    Layout.fillWidth: true
                    font.pixelSize: Theme.tight ? Theme.lead : Theme.title
                    color: Theme.coverInk
                    text: {
                        if (live.trouble)
                            return live.viewModel.cameraTrouble;
                        if (live.viewModel.busy)
                            return qsTr("正在拍，请不要动");
                        if (live.viewModel.advice !== "")
                            return live.viewModel.advice;
                        if (live.viewModel.materialName === "")
                            return qsTr("请先点“再加一种材料”，选好名字再拍");
                        if (live.lyingStill)
                            return qsTr("很好，请保持不动");
                        if (live.viewModel.secondSide)
                            return qsTr("正面拍好了，请翻到背面");
                        if (live.viewModel.canNext && !(live.viewModel.materialFree && live.viewModel.pageCount === 0))
                            return qsTr("都拍好了，可以按“下一步”");
                        if (live.viewModel.materialTwoSided && live.viewModel.pageCount === 0)
                            return qsTr("请放上正面：%1").arg(live.viewModel.materialName);
                        return qsTr("请平放在镜头下面：%1").arg(live.viewModel.materialName);
                    }
                }

                Body {
                    Layout.fillWidth: true
                    visible: text !== ""
                    font.pixelSize: Theme.tight ? Theme.small : Theme.body
                    color: Theme.coverInk
                    text: live.trouble || live.viewModel.busy ? "" : live.viewModel.adviceStep
                }
            }
        }
    }
}
