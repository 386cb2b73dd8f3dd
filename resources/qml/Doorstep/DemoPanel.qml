pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Doorstep.ViewModels

// The hand of the demo: lays down cards, holds up phones, puts paper under the camera, unplugs things.
ApplicationWindow {
    id: panel

    required property DemoPanelViewModel viewModel

    title: qsTr("演示台：设备这一边")
    width: 460
    height: 960
    color: "#20302F"

    ScrollView {
        id: scroll

        anchors.fill: parent
        anchors.margins: 14
        contentWidth: availableWidth

        ColumnLayout {
            width: scroll.availableWidth
            spacing: 12

            Repeater {
                model: panel.viewModel.facts

                Text {
                    required property string modelData

                    Layout.fillWidth: true
                    text: modelData
                    color: "#F4EFE2"
                    font.family: "Noto Sans CJK SC"
                    font.pixelSize: 16
                    wrapMode: Text.WrapAnywhere
                }
            }

            Repeater {
                model: panel.viewModel.groups

                ColumnLayout {
                    id: group

                    required property var modelData

                    Layout.fillWidth: true
                    spacing: 6

                    Text {
                        text: group.modelData.title
                        color: "#E9C58B"
                        font.family: "Noto Sans CJK SC"
                        font.pixelSize: 18
                        font.bold: true
                    }

                    Flow {
                        Layout.fillWidth: true
                        spacing: 6

                        Repeater {
                            model: group.modelData.buttons

                            Button {
                                id: button

                                required property var modelData

                                objectName: "demo_" + modelData.name
                                text: modelData.text
                                Accessible.name: text
                                onClicked: panel.viewModel.act(modelData.name)

                                contentItem: Text {
                                    text: button.text
                                    color: "#14201F"
                                    font.family: "Noto Sans CJK SC"
                                    font.pixelSize: 16
                                }
                                background: Rectangle {
                                    radius: 8
                                    color: button.down ? "#BFD8D2" : "#E7F1EE"
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
