pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep.ViewModels

// Every interface as it says it is, and the paper.
ScrollColumn {
    id: pane

    required property TechnicianViewModel viewModel

    Panel {
        Layout.fillWidth: true
        tone: pane.viewModel.paperTone
        implicitHeight: paper.implicitHeight + Theme.dp(24)

        RowLayout {
            id: paper

            anchors.left: parent.left
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.leftMargin: Theme.dp(22)
            anchors.rightMargin: Theme.dp(12)
            spacing: Theme.gap

            Icon {
                name: "receipt"
                color: Theme.accent
            }

            Body {
                objectName: "paperLeft"
                Layout.fillWidth: true
                text: pane.viewModel.paper
            }

            ActionButton {
                objectName: "newRoll"
                text: qsTr("已换新纸")
                iconName: "refresh"
                onClicked: pane.viewModel.newRoll()
            }
        }
    }

    GridLayout {
        Layout.fillWidth: true
        columns: Theme.tight ? 1 : 2
        columnSpacing: Theme.gap
        rowSpacing: Theme.dp(12)

        Repeater {
            model: pane.viewModel.devices

            StateCard {
                required property string key

                required label
                required word
                required lamp
                required explanation
                required todo
                required identity

                objectName: "device_" + key
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredWidth: 1
            }
        }
    }
}
