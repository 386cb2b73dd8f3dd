pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep.ViewModels

// The verdict, always in view; below it what the hand has to do, and every step as a card.
ColumnLayout {
    id: pane

    required property TechnicianViewModel viewModel

    signal skipAsked(key: string, label: string)

    spacing: Theme.dp(Theme.tight ? 12 : 16)

    Connections {
        target: pane.viewModel

        function onChanged() {
            if (scroller.phase !== pane.viewModel.phase) {
                scroller.phase = pane.viewModel.phase;
                scroller.contentY = 0;
            }
        }
    }

    Panel {
        Layout.fillWidth: true
        tone: pane.viewModel.verdictTone
        implicitHeight: line.implicitHeight + Theme.dp(Theme.tight ? 20 : 32)
        Accessible.role: Accessible.AlertMessage
        Accessible.name: (pane.viewModel.verdict + " " + pane.viewModel.verdictNext).trim()

        RowLayout {
            id: line

            anchors.left: parent.left
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.leftMargin: Theme.dp(24)
            anchors.rightMargin: Theme.dp(16)
            spacing: Theme.dp(18)

            Icon {
                name: pane.viewModel.running ? "clock" : Theme.toneIcon(pane.viewModel.verdictTone)
                size: Theme.px(Theme.tight ? 44 : 60)
                color: Theme.toneColor(pane.viewModel.verdictTone)
            }

            ColumnLayout {
                Layout.fillWidth: true
                spacing: Theme.dp(4)

                Heading {
                    objectName: "selfTestVerdict"
                    Layout.fillWidth: true
                    text: pane.viewModel.verdict
                    font.pixelSize: Theme.tight ? Theme.lead : Theme.title
                    Accessible.ignored: true
                }

                Body {
                    objectName: "selfTestVerdictNext"
                    Layout.fillWidth: true
                    visible: text !== ""
                    text: pane.viewModel.verdictNext
                    font.pixelSize: Theme.tight ? Theme.small : Theme.body
                    Accessible.ignored: true
                }

                ProgressLine {
                    objectName: "selfTestProgress"
                    Layout.fillWidth: true
                    visible: pane.viewModel.running
                    label: pane.viewModel.verdict
                    value: pane.viewModel.progress
                }
            }

            ActionButton {
                objectName: "printReport"
                visible: pane.viewModel.hasReport
                text: qsTr("打印报告")
                iconName: "printer"
                onClicked: pane.viewModel.printReport()
            }

            ActionButton {
                objectName: "exportReport"
                visible: pane.viewModel.hasReport
                enabled: !pane.viewModel.exporting
                busy: pane.viewModel.exporting
                text: qsTr("导出 PDF")
                iconName: "file-text"
                onClicked: pane.viewModel.exportReport()
            }
        }
    }

    ScrollColumn {
        id: scroller

        property string phase: ""

        objectName: "selfTestScroller"
        Layout.fillWidth: true
        Layout.fillHeight: true

        SelfTestGuide {
            Layout.fillWidth: true
            viewModel: pane.viewModel
            onSkipAsked: (key, label) => pane.skipAsked(key, label)
        }

        EmptyState {
            Layout.fillWidth: true
            Layout.alignment: Qt.AlignHCenter
            Layout.topMargin: Theme.gap
            visible: cards.count === 0
            iconName: "clipboard-check"
            title: qsTr("自检查些什么")
            text: qsTr("打印机打一张小票，扫码器、高拍仪、摄像头都要看到它；还查读卡器、磁盘、内存、时钟、网络和中心。快速自检不用纸，也不用动手。")
        }

        GridLayout {
            Layout.fillWidth: true
            columns: Theme.tight ? 1 : 2
            columnSpacing: Theme.gap
            rowSpacing: Theme.dp(12)

            Repeater {
                id: cards

                model: pane.viewModel.checks

                StateCard {
                    required property string checkId

                    required label
                    required word
                    required lamp
                    required explanation
                    required todo
                    required measured

                    objectName: "check_" + checkId
                    tone: lamp === "danger" || lamp === "warning" ? lamp : ""
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    Layout.preferredWidth: 1
                }
            }
        }
    }
}
