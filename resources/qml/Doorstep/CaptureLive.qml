import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// The camera's picture, the page's outline, one sentence of advice, and taking by hand.
ColumnLayout {
    id: live

    required property CaptureViewModel viewModel

    spacing: Theme.dp(12)

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
            visible: live.viewModel.automatic && live.viewModel.still > 0.02
            value: live.viewModel.still
        }

        Rectangle {
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.bottom: parent.bottom
            height: words.implicitHeight + Theme.dp(28)
            color: "#D9131F22"

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
                        if (live.viewModel.cameraTrouble !== "")
                            return "alert-triangle";
                        if (live.viewModel.secondSide)
                            return "refresh";
                        return live.viewModel.advice !== "" ? "bulb" : live.viewModel.still > 0.02 ? "circle-check" : "file-text";
                    }
                    size: Theme.px(52)
                    color: "#FFFFFF"
                }

                ColumnLayout {
                    Layout.fillWidth: true
                    spacing: 0

                    Heading {
                        objectName: "capture_advice"
                        Layout.fillWidth: true
                        color: "#FFFFFF"
                        text: {
                            if (live.viewModel.cameraTrouble !== "")
                                return live.viewModel.cameraTrouble;
                            if (live.viewModel.busy)
                                return qsTr("正在拍，请不要动");
                            if (live.viewModel.advice !== "")
                                return live.viewModel.advice;
                            if (live.viewModel.still > 0.02)
                                return qsTr("很好，请保持不动");
                            if (live.viewModel.secondSide)
                                return qsTr("正面拍好了，请翻到背面");
                            return qsTr("请把材料平放在镜头下面");
                        }
                    }

                    Body {
                        Layout.fillWidth: true
                        visible: text !== ""
                        color: "#FFFFFF"
                        text: live.viewModel.cameraTrouble !== "" ? "" : live.viewModel.advice !== "" ? live.viewModel.adviceStep : live.viewModel.secondSide && live.viewModel.still > 0.02 ? qsTr("现在拍背面") : ""
                    }
                }
            }
        }
    }

    RowLayout {
        Layout.fillWidth: true
        spacing: Theme.gap

        Toggle {
            objectName: "capture_automatic"
            Layout.fillWidth: true
            text: qsTr("放稳后自动拍")
            checked: live.viewModel.automatic
            onToggled: live.viewModel.setAutomatic(checked)
        }

        ActionButton {
            objectName: "capture_take"
            kind: "primary"
            iconName: "camera"
            text: live.viewModel.secondSide ? qsTr("拍背面") : qsTr("拍一张")
            busy: live.viewModel.busy
            enabled: live.viewModel.cameraReady && !live.viewModel.busy && live.viewModel.materialId !== ""
            onClicked: live.viewModel.take()
        }
    }
}
