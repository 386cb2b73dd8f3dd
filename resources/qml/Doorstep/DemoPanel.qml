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
    visible: true
    // The station fills small screens: the panel lies on it and can be moved away.
    flags: Qt.Window | Qt.WindowStaysOnTopHint
    width: 460
    height: 960
    color: "#20302F"

    component PanelButton: Button {
        id: button

        Accessible.name: text

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

            Text {
                objectName: "demoLast"
                Layout.fillWidth: true
                // Always a line, so that the buttons stay where they are.
                text: panel.viewModel.last || " "
                color: "#20302F"
                font.family: "Noto Sans CJK SC"
                font.pixelSize: 16
                wrapMode: Text.WrapAnywhere
                leftPadding: 8
                rightPadding: 8

                Rectangle {
                    anchors.fill: parent
                    z: -1
                    visible: panel.viewModel.last !== ""
                    radius: 6
                    color: "#E9C58B"
                }
            }

            PanelButton {
                objectName: "demoSlip"
                text: panel.viewModel.slip === "" ? qsTr("看打出的回执") : qsTr("看最新的回执")
                onClicked: panel.viewModel.lookAtSlip()
            }

            Image {
                objectName: "demoSlipPicture"
                Layout.fillWidth: true
                Layout.preferredHeight: status === Image.Ready ? implicitHeight * width / implicitWidth : 0
                visible: status === Image.Ready
                source: panel.viewModel.slip
                fillMode: Image.PreserveAspectFit
                smooth: true
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

                            PanelButton {
                                required property var modelData

                                objectName: "demo_" + modelData.name
                                text: modelData.text
                                onClicked: panel.viewModel.act(modelData.name)
                            }
                        }
                    }
                }
            }
        }
    }
}
