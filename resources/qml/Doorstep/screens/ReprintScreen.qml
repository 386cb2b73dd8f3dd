pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// Receipts of finished visits, newest first; one press prints one more, marked. Names are not kept, so none is shown.
ScreenFrame {
    id: screen

    required property ReprintViewModel viewModel

    title: qsTr("重打回执")
    subtitle: qsTr("居民走后，本站只留编号、事项、时间和办理状态，没有姓名。请先核对来人，再重打；每次重打都会记录。")
    leftText: qsTr("返回首页")
    onLeftClicked: viewModel.home()

    RowLayout {
        Layout.fillWidth: true
        spacing: Theme.gap

        SearchField {
            objectName: "reprint_search"
            Layout.fillWidth: true
            inputKind: "digits"
            placeholder: qsTr("按办件编号查找，输入几位数字；也可以扫回执上的码")
            text: screen.viewModel.query
            onEdited: text => screen.viewModel.setQuery(text)
            Accessible.name: qsTr("按办件编号查找")
        }

        ActionButton {
            objectName: "reprint_all"
            visible: screen.viewModel.scanned
            text: qsTr("显示全部")
            onClicked: screen.viewModel.showAll()
        }
    }

    // takes the list's room, so that title and buttons stay where they are
    Item {
        Layout.fillWidth: true
        Layout.fillHeight: true
        visible: screen.viewModel.count === 0

        EmptyState {
            anchors.centerIn: parent
            width: parent.width
            iconName: "receipt"
            title: screen.viewModel.query === "" ? qsTr("还没有可以重打的回执") : qsTr("没有找到这个编号")
            text: screen.viewModel.query === "" ? qsTr("办完的业务会出现在这里，过一段时间自动清除。") : qsTr("请核对编号。时间久的已经清除，请凭编号向受理中心查询。")
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
            required property string item
            required property string handedInAt
            required property string stateText
            required property string stateTone
            required property bool beingPrinted

            width: list.width - Theme.dp(24)
            implicitHeight: line.implicitHeight + Theme.dp(32)

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
                        text: card.caseNumber === "" ? qsTr("还没有办件编号") : card.caseNumber
                        font.pixelSize: Theme.lead
                        font.bold: true
                    }

                    Body {
                        Layout.fillWidth: true
                        text: card.item
                    }

                    Caption {
                        Layout.fillWidth: true
                        text: qsTr("交件时间 %1").arg(card.handedInAt)
                    }
                }

                RowLayout {
                    Layout.fillWidth: false
                    Layout.preferredWidth: list.width * 0.3
                    spacing: Theme.gapSmall

                    Icon {
                        name: Theme.toneIcon(card.stateTone)
                        color: Theme.toneColor(card.stateTone)
                    }

                    Body {
                        Layout.fillWidth: true
                        text: card.stateText
                        font.bold: true
                        color: Theme.toneColor(card.stateTone)
                    }
                }

                ActionButton {
                    objectName: "reprint_" + card.caseId
                    enabled: !screen.viewModel.busy
                    busy: card.beingPrinted
                    text: card.beingPrinted ? qsTr("正在打印…") : qsTr("重打")
                    iconName: "printer"
                    onClicked: screen.viewModel.printAgain(card.caseId)
                }
            }
        }

        footer: Item {
            width: list.width
            height: visible ? more.implicitHeight + Theme.dp(32) : 0
            visible: screen.viewModel.hidden > 0

            Caption {
                id: more

                anchors.centerIn: parent
                text: qsTr("还有 %n 份更早的，请按编号查找。", "", screen.viewModel.hidden)
            }
        }

        ScrollHint {
            flickable: list
        }
    }
}
