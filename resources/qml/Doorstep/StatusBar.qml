pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep.ViewModels

// The lamps of the station, who is on duty, and the time.
Rectangle {
    id: bar

    required property ShellViewModel shell

    signal lampClicked(var lamp)
    signal staffClicked

    color: Theme.surface
    implicitHeight: line.implicitHeight + Theme.dp(12)

    RowLayout {
        id: line

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.leftMargin: Theme.dp(36)
        anchors.rightMargin: Theme.dp(36)
        spacing: Theme.dp(12)

        Flow {
            Layout.fillWidth: true
            spacing: Theme.dp(3)

            Repeater {
                model: bar.shell.lamps

                StatusLamp {
                    id: lamp

                    required label
                    required word
                    required tone
                    required property string key
                    required property string explanation
                    required property string todo
                    required property string identity

                    objectName: "lamp_" + key
                    onClicked: bar.lampClicked({
                        "label": lamp.label,
                        "word": lamp.word,
                        "tone": lamp.tone,
                        "explanation": lamp.explanation,
                        "todo": lamp.todo,
                        "identity": lamp.identity
                    })
                }
            }
        }

        ActionButton {
            objectName: "staffButton"
            visible: bar.shell.staffName !== ""
            kind: "quiet"
            implicitHeight: Theme.target
            leftPadding: Theme.dp(14)
            iconName: "user"
            text: Theme.largePrint ? "" : bar.shell.staffName // the lamps need the room
            font.pixelSize: Theme.small
            Accessible.name: qsTr("值班：%1").arg(bar.shell.staffName)
            onClicked: bar.staffClicked()
        }

        Text {
            id: clock

            property date now: new Date()

            text: Qt.formatTime(now, "HH:mm")
            font.family: Theme.fontFamily
            font.pixelSize: Theme.lead
            font.bold: true
            color: Theme.ink
            Accessible.role: Accessible.StaticText
            Accessible.name: text

            Timer {
                interval: 1000
                repeat: true
                running: true
                onTriggered: {
                    const now = new Date();
                    if (now.getMinutes() !== clock.now.getMinutes() || now.getHours() !== clock.now.getHours())
                        clock.now = now;
                }
            }
        }
    }

    Rectangle {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        height: Theme.border
        color: Theme.line
    }
}
