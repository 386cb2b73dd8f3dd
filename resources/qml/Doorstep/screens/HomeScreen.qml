pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Doorstep
import Doorstep.ViewModels

// One thing to do, large; what is kept and what waits, beside it.
ScreenFrame {
    id: screen

    required property HomeViewModel viewModel

    title: qsTr("您好，%1").arg(viewModel.staffName)
    subtitle: qsTr("居民来了，就从这里开始。")

    Banner {
        objectName: "morning"
        Layout.fillWidth: true
        kind: "warning"
        say: screen.viewModel.morning
        doText: screen.viewModel.morningNext
        actionText: qsTr("查看")
        onActionClicked: screen.viewModel.openTechnician()
    }

    RowLayout {
        Layout.fillWidth: true
        Layout.fillHeight: true
        spacing: Theme.gapLarge

        T.Button {
            id: hero

            objectName: "startVisit"
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 11
            enabled: screen.viewModel.mayStart
            focusPolicy: Qt.StrongFocus
            focus: true
            text: qsTr("开始办理")
            scale: down ? 0.99 : 1.0
            Accessible.role: Accessible.Button
            Accessible.name: text
            Keys.onReturnPressed: click()
            Keys.onEnterPressed: click()
            onClicked: screen.viewModel.start()

            background: Rectangle {
                radius: Theme.dp(28)
                color: !hero.enabled ? Theme.disabledFill : hero.down ? Theme.accentPressed : Theme.accent
                clip: true

                Icon {
                    anchors.right: parent.right
                    anchors.bottom: parent.bottom
                    anchors.margins: -Theme.dp(40)
                    visible: !Theme.highContrast
                    name: "doorstep"
                    size: Theme.dp(460)
                    color: "#1E7A72"
                    opacity: hero.enabled ? 1 : 0
                }

                FocusRing {
                    radius: Theme.dp(34)
                    shown: hero.visualFocus
                }
            }

            contentItem: Item {
                Column {
                    anchors.left: parent.left
                    anchors.leftMargin: Theme.dp(64)
                    anchors.verticalCenter: parent.verticalCenter
                    width: parent.width - Theme.dp(128)
                    spacing: Theme.dp(20)

                    Icon {
                        visible: hero.height > Theme.px(400)
                        name: "hand-finger"
                        size: Theme.px(104)
                        color: hero.enabled ? Theme.accentInk : Theme.disabledInk
                    }

                    Text {
                        width: parent.width
                        text: hero.text
                        font.family: Theme.fontFamily
                        font.pixelSize: Theme.px(84)
                        font.bold: true
                        wrapMode: Text.Wrap
                        color: hero.enabled ? Theme.accentInk : Theme.disabledInk
                        Accessible.ignored: true
                    }

                    Text {
                        width: parent.width
                        text: hero.enabled ? qsTr("请居民准备好身份证、社保卡或随申码。") : screen.viewModel.whyNot
                        font.family: Theme.fontFamily
                        font.pixelSize: Theme.lead
                        wrapMode: Text.Wrap
                        color: hero.enabled ? Theme.accentInk : Theme.disabledInk
                        Accessible.ignored: true
                    }
                }
            }
        }

        ScrollColumn {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 8
            spacing: Theme.dp(16)

            Tile {
                objectName: "openTodo"
                Layout.fillWidth: true
                title: qsTr("待补正")
                subtitle: screen.viewModel.todoCount === 0 ? qsTr("没有要补的材料") : qsTr("居民走后，中心要求补材料的办件")
                iconName: "clipboard-list"
                tone: screen.viewModel.todoCount === 0 ? "accent" : "warm"
                badge: screen.viewModel.todoCount === 0 ? "" : String(screen.viewModel.todoCount)
                onClicked: screen.viewModel.openTodo()
            }

            RowLayout {
                Layout.fillWidth: true
                spacing: Theme.dp(16)

                Tile {
                    objectName: "openReprint"
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    Layout.preferredWidth: 1
                    implicitHeight: Math.max(Theme.px(112), implicitContentHeight + topPadding + bottomPadding)
                    padding: Theme.dp(16)
                    iconBox: Theme.px(56)
                    title: qsTr("重打回执")
                    iconName: "receipt"
                    onClicked: screen.viewModel.openReprint()
                }

                Tile {
                    objectName: "openTechnician"
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    Layout.preferredWidth: 1
                    implicitHeight: Math.max(Theme.px(112), implicitContentHeight + topPadding + bottomPadding)
                    padding: Theme.dp(16)
                    iconBox: Theme.px(56)
                    title: qsTr("设备与自检")
                    iconName: "tools"
                    onClicked: screen.viewModel.openTechnician()
                }
            }

            Body {
                Layout.fillWidth: true
                Layout.topMargin: Theme.dp(10)
                visible: screen.viewModel.draftCount > 0
                text: qsTr("没办完的，可以接着办")
                font.bold: true
            }

            Repeater {
                model: screen.viewModel.drafts

                ListCard {
                    required property string caseId
                    required property string name
                    required property string item
                    required property string savedAt

                    objectName: "draft_" + caseId
                    Layout.fillWidth: true
                    title: item === "" ? name : name + " · " + item
                    subtitle: qsTr("保存于 %1").arg(savedAt)
                    iconName: "history"
                    onClicked: screen.viewModel.resume(caseId)
                }
            }

            Caption {
                Layout.fillWidth: true
                Layout.topMargin: Theme.dp(6)
                visible: screen.viewModel.catalogueDate !== ""
                text: qsTr("事项目录 %1，材料以中心告知为准").arg(screen.viewModel.catalogueDate)
            }
        }
    }
}
