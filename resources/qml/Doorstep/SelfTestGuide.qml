pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep.ViewModels

// What the hand has to do now, large, and the places where the slip is carried to, each ticked off when it is done.
Panel {
    id: guide

    required property TechnicianViewModel viewModel

    signal skipAsked(key: string, label: string)

    visible: viewModel.guide !== ""
    tone: "accent"
    implicitHeight: column.implicitHeight + Theme.dp(Theme.tight ? 28 : 40)

    ColumnLayout {
        id: column

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.leftMargin: Theme.dp(24)
        anchors.rightMargin: Theme.dp(24)
        spacing: Theme.dp(Theme.tight ? 8 : 14)

        RowLayout {
            Layout.fillWidth: true
            spacing: Theme.gap

            Icon {
                name: "hand-finger"
                size: Theme.px(52)
                color: Theme.accent
            }

            ColumnLayout {
                Layout.fillWidth: true
                spacing: 0

                Heading {
                    objectName: "guide"
                    Layout.fillWidth: true
                    text: guide.viewModel.guide
                    font.pixelSize: Theme.tight ? Theme.title : Theme.display
                }

                Body {
                    objectName: "guideNext"
                    Layout.fillWidth: true
                    visible: text !== "" && !Theme.tight
                    text: guide.viewModel.guideNext
                }
            }
        }

        RowLayout {
            Layout.fillWidth: true
            spacing: Theme.gap
            uniformCellSizes: true

            Repeater {
                model: guide.viewModel.places

                Panel {
                    id: place

                    required property string key
                    required property string label
                    required property string ask
                    required property string word
                    required property string lamp
                    required property string hint
                    required property bool maySkip

                    objectName: "place_" + key
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    Layout.preferredWidth: 1
                    implicitHeight: inside.implicitHeight + Theme.dp(Theme.tight ? 20 : 32)
                    border.width: maySkip ? Theme.dp(4) : Theme.border
                    border.color: maySkip ? Theme.accent : Theme.line
                    Accessible.role: Accessible.StaticText
                    Accessible.name: [label, ask, word, hint].filter(part => part !== "").join(", ")

                    ColumnLayout {
                        id: inside

                        anchors.left: parent.left
                        anchors.right: parent.right
                        anchors.top: parent.top
                        anchors.margins: Theme.dp(18)
                        anchors.topMargin: Theme.dp(Theme.tight ? 10 : 16)
                        spacing: Theme.dp(4)

                        Body {
                            Layout.fillWidth: true
                            text: place.ask
                            font.pixelSize: Theme.lead
                            font.bold: true
                            Accessible.ignored: true
                        }

                        Caption {
                            Layout.fillWidth: true
                            visible: text !== ""
                            text: place.hint
                            color: Theme.warning
                            Accessible.ignored: true
                        }

                        RowLayout {
                            Layout.fillWidth: true
                            Layout.minimumHeight: Theme.target
                            spacing: Theme.dp(10)

                            Icon {
                                name: place.maySkip ? "hand-finger" : Theme.toneIcon(place.lamp)
                                color: Theme.toneColor(place.lamp)
                            }

                            Body {
                                Layout.fillWidth: true
                                text: place.word
                                font.bold: true
                                color: Theme.toneColor(place.lamp)
                                Accessible.ignored: true
                            }

                            ActionButton {
                                objectName: "skip_" + place.key
                                visible: place.maySkip
                                implicitHeight: Theme.target
                                text: qsTr("跳过")
                                iconName: "chevron-right"
                                iconAfter: true
                                kind: "quiet"
                                font.pixelSize: Theme.body
                                Accessible.name: qsTr("跳过%1").arg(place.label)
                                onClicked: guide.skipAsked(place.key, place.label)
                            }
                        }
                    }
                }
            }
        }

        Caption {
            Layout.fillWidth: true
            text: qsTr("有测试卡的，现在也可以放到读卡器上读一下；没有就不用管。")
        }
    }
}
