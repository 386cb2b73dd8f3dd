import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// Handing over, in words and with progress: sealed here, on its way, at the centre with its number, or kept here.
VisitScreen {
    id: screen

    required property HandoverViewModel viewModel
    readonly property bool arrived: viewModel.caseNumber !== "" && viewModel.caseState !== "kept_here"
    readonly property bool offline: viewModel.link === "offline" && !arrived

    name: "submit"
    visit: viewModel
    cancellable: !viewModel.canNext
    primaryEnabled: viewModel.canNext || viewModel.refused
    nextText: viewModel.refused ? qsTr("再试一次") : qsTr("下一步")
    title: arrived ? qsTr("受理中心已经收到") : offline ? qsTr("已经存好，联网后自动送出") : qsTr("正在提交")
    subtitle: viewModel.itemName

    Item {
        Layout.fillWidth: true
        Layout.fillHeight: true
    }

    ScrollColumn {
        Layout.fillWidth: true
        Layout.fillHeight: true
        Layout.maximumHeight: implicitHeight
        Layout.maximumWidth: Theme.px(1180)
        Layout.alignment: Qt.AlignHCenter

        Panel {
            Layout.fillWidth: true
            implicitHeight: lines.implicitHeight + Theme.dp(72)

            ColumnLayout {
                id: lines

                anchors.left: parent.left
                anchors.right: parent.right
                anchors.top: parent.top
                anchors.margins: Theme.dp(36)
                spacing: Theme.dp(22)

                StateLine {
                    Layout.fillWidth: true
                    progress: screen.viewModel.canNext || screen.arrived ? "done" : screen.viewModel.refused ? "trouble" : "running"
                    title: screen.viewModel.canNext || screen.arrived ? qsTr("已加密封好，存在本机") : screen.viewModel.refused ? qsTr("还没有存好，请看上面的提示") : qsTr("正在加密封好")
                    text: screen.viewModel.canNext || screen.arrived ? qsTr("停电、断网都不会丢") : ""
                }

                StateLine {
                    objectName: "submit_sending"
                    Layout.fillWidth: true
                    progress: screen.arrived ? "done" : screen.offline ? "trouble" : screen.viewModel.canNext ? "running" : "waiting"
                    title: screen.arrived ? qsTr("已经送到") : screen.offline ? qsTr("网络断了，材料先存在这里") : qsTr("正在送往受理中心")
                    text: screen.offline ? qsTr("网络一恢复就自动送出，您不用等。回执上会写明“本机保存待发送”。") : screen.viewModel.progressText
                }

                ProgressLine {
                    Layout.fillWidth: true
                    Layout.leftMargin: Theme.px(52) + Theme.gap
                    visible: !screen.offline && !screen.viewModel.refused
                    indeterminate: !screen.arrived && screen.viewModel.progressText === ""
                    value: screen.arrived ? 1 : screen.viewModel.progress
                    label: qsTr("送达进度 %1%").arg(Math.round(value * 100))
                }

                StateLine {
                    objectName: "submit_arrived"
                    Layout.fillWidth: true
                    progress: screen.arrived ? "done" : "waiting"
                    title: screen.arrived ? qsTr("办件编号 %1").arg(screen.viewModel.caseNumber) : qsTr("等待受理中心确认收到")
                }
            }
        }
    }

    Item {
        Layout.fillWidth: true
        Layout.fillHeight: true
    }
}
