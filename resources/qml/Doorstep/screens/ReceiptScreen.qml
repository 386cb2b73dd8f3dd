import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// What is true about the case, and whether it stands on paper yet. receipt_print prints (again); next leads on.
VisitScreen {
    id: screen

    required property HandoverViewModel viewModel
    readonly property string caseState: viewModel.caseState
    readonly property bool printing: viewModel.printState === "printing"
    readonly property bool printed: viewModel.printState === "printed"
    readonly property bool trouble: viewModel.printState === "failed" || viewModel.printState === "waiting_for_hand" || viewModel.printState === "interrupted" || viewModel.printState === "unconfirmed"

    name: "receipt"
    visit: viewModel
    cancellable: false
    title: qsTr("回执")
    nextText: printed ? qsTr("拿到了，下一步") : viewModel.printState === "none" ? qsTr("不打印，下一步") : qsTr("下一步")

    RowLayout {
        Layout.fillWidth: true
        Layout.fillHeight: true
        Layout.maximumHeight: Theme.px(560)
        spacing: Theme.gapLarge

        Panel {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1

            ScrollColumn {
                anchors.left: parent.left
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                anchors.margins: Theme.dp(40)
                height: Math.min(implicitHeight, parent.height - Theme.dp(48))
                spacing: Theme.dp(18)

                Caption {
                    Layout.fillWidth: true
                    text: screen.viewModel.itemName
                }

                RowLayout {
                    Layout.fillWidth: true
                    spacing: Theme.gap

                    Icon {
                        Layout.alignment: Qt.AlignTop
                        name: screen.caseState === "accepted" ? "circle-check" : screen.caseState === "delivered" ? "cloud-check" : screen.caseState === "kept_here" ? "inbox" : "alert-triangle"
                        size: Theme.px(64)
                        color: screen.caseState === "accepted" || screen.caseState === "delivered" ? Theme.good : Theme.warning
                    }

                    Heading {
                        objectName: "receipt_state"
                        Layout.fillWidth: true
                        font.pixelSize: Theme.display
                        text: {
                            switch (screen.caseState) {
                            case "accepted":
                                return qsTr("已受理");
                            case "delivered":
                                return qsTr("已送达，等待受理");
                            case "correction_requested":
                                return qsTr("需要补正");
                            case "returned":
                                return qsTr("已退回，没有受理");
                            default:
                                return qsTr("本机保存，等待发送");
                            }
                        }
                    }
                }

                Heading {
                    objectName: "receipt_number"
                    Layout.fillWidth: true
                    visible: screen.viewModel.caseNumber !== ""
                    text: qsTr("办件编号 %1").arg(screen.viewModel.caseNumber)
                }

                Body {
                    Layout.fillWidth: true
                    font.pixelSize: Theme.lead
                    text: {
                        switch (screen.caseState) {
                        case "accepted":
                            return qsTr("受理中心已经受理这件事。查进度时请报办件编号。");
                        case "delivered":
                            return qsTr("材料已经在受理中心，窗口还没有看完。有结果会按您留的电话联系您。");
                        case "correction_requested":
                            return qsTr("请带上要补的材料再来一次，扫回执上的码就能接着办。");
                        case "returned":
                            return qsTr("这件事没有受理。原因写在下面，您可以向帮办员了解怎么办。");
                        default:
                            return qsTr("网络恢复后会自动送到受理中心，送到之前不算受理。可以拿着回执到本站查问。");
                        }
                    }
                }

                Body {
                    Layout.fillWidth: true
                    visible: text !== "" && (screen.caseState === "returned" || screen.caseState === "correction_requested")
                    text: screen.viewModel.outcomeReason
                    font.bold: true
                }
            }
        }

        Panel {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
            tone: screen.trouble ? "warning" : ""

            ScrollColumn {
                anchors.left: parent.left
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                anchors.margins: Theme.dp(40)
                height: Math.min(implicitHeight, parent.height - Theme.dp(48))
                spacing: Theme.gap

                Icon {
                    Layout.alignment: Qt.AlignHCenter
                    name: screen.printed ? "receipt" : screen.trouble ? "alert-triangle" : "printer"
                    size: Theme.px(Theme.compact ? 84 : 120)
                    color: screen.printed ? Theme.good : screen.trouble ? Theme.warning : Theme.accent
                }

                Heading {
                    objectName: "receipt_printState"
                    Layout.fillWidth: true
                    horizontalAlignment: Text.AlignHCenter
                    text: {
                        switch (screen.viewModel.printState) {
                        case "printing":
                            return qsTr("正在打印…");
                        case "printed":
                            return qsTr("回执打好了，请取走");
                        case "waiting_for_hand":
                            return qsTr("打印机在等人处理");
                        case "interrupted":
                            return qsTr("回执没打完整，会再打一张");
                        case "unconfirmed":
                            return qsTr("请看一下：回执出来了吗？");
                        case "failed":
                            return qsTr("没有打印出来");
                        default:
                            return qsTr("要一张纸质回执吗？");
                        }
                    }
                }

                Body {
                    Layout.fillWidth: true
                    horizontalAlignment: Text.AlignHCenter
                    visible: text !== ""
                    text: [screen.viewModel.printTrouble, screen.viewModel.printStep].filter(line => line !== "").join(" ")
                }

                Body {
                    Layout.fillWidth: true
                    horizontalAlignment: Text.AlignHCenter
                    visible: screen.viewModel.printState === "waiting_for_hand"
                    text: qsTr("处理好以后会自动接着打，不会打两张。")
                    color: Theme.muted
                }

                ActionButton {
                    objectName: "receipt_print"
                    Layout.alignment: Qt.AlignHCenter
                    visible: !screen.printing && screen.viewModel.printState !== "waiting_for_hand" && screen.viewModel.printState !== "interrupted"
                    kind: screen.viewModel.printState === "none" ? "primary" : "secondary"
                    iconName: "printer"
                    text: screen.printed || screen.trouble ? qsTr("再打一张") : qsTr("打印回执")
                    onClicked: screen.viewModel.printReceipt()
                }
            }
        }
    }
}
