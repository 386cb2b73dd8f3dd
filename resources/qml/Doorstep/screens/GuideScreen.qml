pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// What the item needs, for whom it is, and leave to send the pages.
VisitScreen {
    id: screen

    required property GuideViewModel viewModel

    name: "guide"
    visit: viewModel
    title: viewModel.itemName
    subtitle: [viewModel.department, viewModel.allCity ? qsTr("全市通办") : "", viewModel.timeLimit === "" ? "" : qsTr("办理时限：%1").arg(viewModel.timeLimit)].filter(part => part !== "").join(" · ")
    nextText: qsTr("开始拍材料")

    RowLayout {
        Layout.fillWidth: true
        Layout.fillHeight: true
        spacing: Theme.gapLarge

        Panel {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1

            ScrollColumn {
                anchors.fill: parent
                anchors.margins: Theme.dp(28)
                spacing: Theme.dp(14)

                Heading {
                    Layout.fillWidth: true
                    text: screen.viewModel.materialsKnown ? qsTr("需要这些材料") : qsTr("材料以中心告知为准")
                }

                Body {
                    Layout.fillWidth: true
                    visible: !screen.viewModel.materialsKnown
                    text: qsTr("这项还没有核实过的材料清单。请把手边有关的材料都拍下来，受理中心看过以后，会告诉您还缺什么。")
                }

                Repeater {
                    model: screen.viewModel.materials

                    RowLayout {
                        id: wanted

                        required property string name
                        required property bool required
                        required property bool twoSided

                        Layout.fillWidth: true
                        spacing: Theme.gap
                        Accessible.role: Accessible.ListItem
                        Accessible.name: [name, note.text].filter(part => part !== "").join(", ")

                        Icon {
                            Layout.alignment: Qt.AlignTop
                            name: wanted.twoSided ? "id" : "file-text"
                            size: Theme.px(42)
                            color: Theme.accent
                        }

                        ColumnLayout {
                            Layout.fillWidth: true
                            spacing: 0

                            Body {
                                Layout.fillWidth: true
                                text: wanted.name
                                font.pixelSize: Theme.lead
                                Accessible.ignored: true
                            }

                            Caption {
                                id: note

                                Layout.fillWidth: true
                                visible: text !== ""
                                text: [wanted.required ? "" : qsTr("有就带，没有不要紧"), wanted.twoSided ? qsTr("正反两面都要拍") : ""].filter(part => part !== "").join(" · ")
                                Accessible.ignored: true
                            }
                        }
                    }
                }

                Caption {
                    Layout.fillWidth: true
                    visible: screen.viewModel.materialsKnown
                    text: screen.viewModel.checkedOn === "" ? qsTr("以中心告知为准") : qsTr("资料日期 %1，以中心告知为准").arg(screen.viewModel.checkedOn)
                }

                ActionButton {
                    objectName: "guide_print"
                    kind: "quiet"
                    iconName: "printer"
                    text: qsTr("打印办事指南")
                    onClicked: screen.viewModel.printChecklist()
                }
            }
        }

        ScrollColumn {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
            spacing: Theme.dp(14)

            Heading {
                Layout.fillWidth: true
                visible: !Theme.tight
                text: qsTr("给谁办？")
            }

            RowLayout {
                Layout.fillWidth: true
                spacing: Theme.gap
                uniformCellSizes: true

                Tile {
                    objectName: "guide_forMyself"
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    implicitHeight: Theme.tight ? Theme.targetLarge : Theme.targetPrimary
                    topPadding: Theme.dp(8)
                    bottomPadding: Theme.dp(8)
                    leftPadding: Theme.dp(Theme.tight ? 8 : 24)
                    rightPadding: leftPadding
                    iconBox: height - topPadding - bottomPadding
                    iconName: selected ? "circle-check" : "user"
                    title: qsTr("给自己办")
                    selected: !screen.viewModel.actingForOther
                    onClicked: screen.viewModel.setActingForOther(false)
                }

                Tile {
                    objectName: "guide_forOther"
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    implicitHeight: Theme.tight ? Theme.targetLarge : Theme.targetPrimary
                    topPadding: Theme.dp(8)
                    bottomPadding: Theme.dp(8)
                    leftPadding: Theme.dp(Theme.tight ? 8 : 24)
                    rightPadding: leftPadding
                    iconBox: height - topPadding - bottomPadding
                    iconName: selected ? "circle-check" : "users"
                    title: qsTr("替别人办")
                    selected: screen.viewModel.actingForOther
                    onClicked: screen.viewModel.setActingForOther(true)
                }
            }

            Body {
                Layout.fillWidth: true
                visible: screen.viewModel.proxyRule !== ""
                text: qsTr("代办规定：%1").arg(screen.viewModel.proxyRule)
            }

            Body {
                Layout.fillWidth: true
                visible: screen.viewModel.actingForOther
                text: qsTr("替别人办，要有申请人的证件和书面委托书。")
            }

            CheckCard {
                objectName: "guide_consent"
                Layout.fillWidth: true
                text: qsTr("我同意把拍下的材料传给受理中心")
                explanation: qsTr("材料边拍边传送，只给受理中心的工作人员办这件事用。办理中途取消，中心也会删除。")
                checked: screen.viewModel.consent
                onToggled: screen.viewModel.setConsent(checked)
            }
        }
    }
}
