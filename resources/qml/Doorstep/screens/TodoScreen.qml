pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

ScreenFrame {
    id: screen

    required property TodoViewModel viewModel

    title: qsTr("待补正")
    subtitle: qsTr("请联系居民带齐材料再来。来了以后点“开始补正”，用身份证或回执核对本人。")
    leftText: qsTr("返回首页")
    onLeftClicked: viewModel.home()

    // takes the list's room, so that title and buttons stay where they are
    Item {
        Layout.fillWidth: true
        Layout.fillHeight: true
        visible: screen.viewModel.count === 0

        EmptyState {
            anchors.centerIn: parent
            width: parent.width
            title: qsTr("没有要补的材料")
            text: qsTr("中心要求补正时，会出现在这里。")
        }
    }

    ListView {
        id: list

        // rows made ahead are made piece by piece, and half made ones outlive a screen that goes
        cacheBuffer: 0

        Layout.fillWidth: true
        Layout.fillHeight: true
        visible: screen.viewModel.count > 0
        clip: true
        spacing: Theme.dp(16)
        boundsBehavior: Flickable.StopAtBounds
        model: screen.viewModel.rows

        delegate: Panel {
            id: card

            required property string caseId
            required property string caseNumber
            required property string name
            required property string item
            required property string askedAt
            required property string reasons

            width: list.width - Theme.dp(24)
            implicitHeight: line.implicitHeight + Theme.dp(40)

            RowLayout {
                id: line

                anchors.left: parent.left
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                anchors.margins: Theme.dp(24)
                spacing: Theme.gap

                ColumnLayout {
                    Layout.fillWidth: true
                    spacing: Theme.dp(2)

                    Body {
                        Layout.fillWidth: true
                        text: card.name + " · " + card.item
                        font.pixelSize: Theme.lead
                        font.bold: true
                    }

                    Caption {
                        Layout.fillWidth: true
                        text: qsTr("办件编号 %1 · %2 要求补正").arg(card.caseNumber).arg(card.askedAt)
                    }

                    Body {
                        Layout.fillWidth: true
                        visible: text !== ""
                        text: card.reasons
                        color: Theme.warm
                    }
                }

                ActionButton {
                    objectName: "print_" + card.caseId
                    text: qsTr("打印要带的材料")
                    iconName: "printer"
                    onClicked: screen.viewModel.printSlip(card.caseId)
                }

                ActionButton {
                    objectName: "open_" + card.caseId
                    text: qsTr("开始补正")
                    kind: "primary"
                    iconName: "arrow-right"
                    iconAfter: true
                    onClicked: screen.viewModel.open(card.caseId)
                }
            }
        }

        ScrollHint {
            flickable: list
        }
    }
}
