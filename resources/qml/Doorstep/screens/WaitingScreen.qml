import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// The ticket, who is before, and the outcome as it comes. Nobody has to wait: waiting_leave.
VisitScreen {
    id: screen

    required property HandoverViewModel viewModel
    readonly property bool accepted: viewModel.outcome === "accepted"
    readonly property bool returned: viewModel.outcome === "returned"
    readonly property bool corrected: viewModel.outcome === "correction_requested"

    name: "waiting"
    visit: viewModel
    cancellable: false
    leadsOn: viewModel.decided
    nextText: qsTr("打印回执")
    title: accepted ? qsTr("已受理") : returned ? qsTr("没有受理") : corrected ? qsTr("请补一下材料") : viewModel.ticketState === "called" ? qsTr("窗口正在看您的材料") : qsTr("材料已送到，正在排队")
    subtitle: viewModel.caseNumber === "" ? viewModel.itemName : qsTr("%1 · 办件编号 %2").arg(viewModel.itemName).arg(viewModel.caseNumber)

    Item {
        Layout.fillWidth: true
        Layout.fillHeight: true
        Layout.preferredHeight: 1
    }

    RowLayout {
        Layout.fillWidth: true
        Layout.maximumWidth: Theme.px(1320)
        Layout.alignment: Qt.AlignHCenter
        visible: !screen.viewModel.decided
        spacing: Theme.gapLarge

        Panel {
            Layout.fillWidth: true
            Layout.preferredWidth: 1
            implicitHeight: ticket.implicitHeight + Theme.dp(64)
            Layout.fillHeight: true

            ColumnLayout {
                id: ticket

                anchors.centerIn: parent
                width: parent.width - Theme.dp(48)
                spacing: 0

                Body {
                    Layout.fillWidth: true
                    horizontalAlignment: Text.AlignHCenter
                    text: screen.viewModel.ticketNumber === "" ? qsTr("正在取号…") : qsTr("您的号")
                    color: Theme.muted
                }

                Text {
                    objectName: "waiting_ticket"
                    Layout.fillWidth: true
                    horizontalAlignment: Text.AlignHCenter
                    visible: text !== ""
                    text: screen.viewModel.ticketNumber
                    font.family: Theme.fontFamily
                    font.pixelSize: Theme.px(Theme.compact ? 110 : 150)
                    font.bold: true
                    color: Theme.accent
                    Accessible.role: Accessible.StaticText
                    Accessible.name: qsTr("您的号 %1").arg(text)
                }

                Heading {
                    objectName: "waiting_ahead"
                    Layout.fillWidth: true
                    horizontalAlignment: Text.AlignHCenter
                    visible: screen.viewModel.ticketNumber !== ""
                    text: {
                        if (screen.viewModel.ticketState === "called")
                            return qsTr("轮到您了，窗口正在办");
                        if (screen.viewModel.peopleAhead === 0)
                            return qsTr("前面没有人，马上就到");
                        return qsTr("前面还有 %n 位", "", screen.viewModel.peopleAhead);
                    }
                }

                ActionButton {
                    objectName: "waiting_ticketPrint"
                    Layout.alignment: Qt.AlignHCenter
                    Layout.topMargin: Theme.gap
                    visible: screen.viewModel.ticketNumber !== ""
                    iconName: "printer"
                    text: qsTr("打印排队号")
                    onClicked: screen.viewModel.printTicket()
                }
            }
        }

        ColumnLayout {
            Layout.fillWidth: true
            Layout.preferredWidth: 1
            Layout.alignment: Qt.AlignVCenter
            spacing: Theme.gap

            Heading {
                Layout.fillWidth: true
                text: qsTr("不用在这里等")
            }

            Body {
                Layout.fillWidth: true
                text: qsTr("材料已经在受理中心了。您可以先拿回执回家，有结果或要补材料，会按您留的电话联系您。")
            }

            ActionButton {
                objectName: "waiting_leave"
                Layout.fillWidth: true
                large: true
                iconName: "door-exit"
                text: qsTr("不等了，打印回执")
                onClicked: screen.viewModel.leaveWaiting()
            }

            Caption {
                Layout.fillWidth: true
                text: qsTr("也可以坐一会儿，结果出来会马上显示在这里。")
            }
        }
    }

    ScrollColumn {
        Layout.fillWidth: true
        Layout.fillHeight: true
        Layout.maximumHeight: implicitHeight
        Layout.maximumWidth: Theme.px(1180)
        Layout.alignment: Qt.AlignHCenter
        visible: screen.viewModel.decided
        spacing: Theme.gap

        Icon {
            Layout.alignment: Qt.AlignHCenter
            name: screen.accepted ? "circle-check" : screen.corrected ? "edit" : "info-circle"
            size: Theme.px(Theme.compact ? 96 : 140)
            color: screen.accepted ? Theme.good : Theme.warning
        }

        Heading {
            objectName: "waiting_outcome"
            Layout.fillWidth: true
            horizontalAlignment: Text.AlignHCenter
            text: screen.accepted ? qsTr("受理中心已经受理，请收好回执。") : screen.corrected ? qsTr("窗口看过了，有几页要重新拍：") : qsTr("窗口说明：")
        }

        Panel {
            Layout.fillWidth: true
            visible: reasons.text !== ""
            tone: "warning"
            implicitHeight: reasons.implicitHeight + Theme.dp(40)

            Body {
                id: reasons

                objectName: "waiting_reason"
                anchors.left: parent.left
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                anchors.margins: Theme.dp(24)
                text: [screen.viewModel.outcomeReason].concat(Array.from(screen.viewModel.markedPages)).filter(line => line !== "").join("\n")
                font.pixelSize: Theme.lead
            }
        }
    }

    Item {
        Layout.fillWidth: true
        Layout.fillHeight: true
        Layout.preferredHeight: 1
    }
}
