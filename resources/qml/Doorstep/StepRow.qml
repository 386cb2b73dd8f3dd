pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts

// Where the visit is: `steps` are short words, `current` the index of the present one.
Item {
    id: row

    property list<string> steps: []
    property int current: 0

    implicitHeight: Theme.px(52)
    implicitWidth: Theme.dp(900)
    Accessible.role: Accessible.StaticText
    Accessible.name: current >= 0 && current < steps.length ? qsTr("第 %1 步，共 %2 步：%3").arg(current + 1).arg(steps.length).arg(steps[current]) : ""

    RowLayout {
        anchors.fill: parent
        spacing: Theme.dp(8)

        Repeater {
            model: row.steps

            RowLayout {
                id: step

                required property int index
                required property string modelData
                readonly property bool done: index < row.current
                readonly property bool present: index === row.current

                spacing: Theme.dp(10)
                Layout.fillWidth: true

                Rectangle {
                    Layout.preferredWidth: Theme.px(40)
                    Layout.preferredHeight: Theme.px(40)
                    radius: width / 2
                    color: step.present ? Theme.accent : step.done ? Theme.accentSoft : Theme.surface
                    border.width: Theme.border
                    border.color: step.present || step.done ? Theme.accent : Theme.lineStrong

                    Icon {
                        anchors.centerIn: parent
                        visible: step.done
                        name: "check"
                        size: Theme.px(28)
                        color: Theme.accent
                    }

                    Text {
                        anchors.centerIn: parent
                        visible: !step.done
                        text: step.index + 1
                        font.family: Theme.fontFamily
                        font.pixelSize: Theme.small
                        font.bold: step.present
                        color: step.present ? Theme.accentInk : Theme.muted
                        Accessible.ignored: true
                    }
                }

                Text {
                    // Where room is short only the present step keeps its word.
                    visible: step.present || row.width > row.steps.length * Theme.px(176)
                    text: step.modelData
                    font.family: Theme.fontFamily
                    font.pixelSize: Theme.small
                    font.bold: step.present
                    color: step.present ? Theme.accent : Theme.muted
                    Accessible.ignored: true
                }

                Rectangle {
                    visible: step.index < row.steps.length - 1
                    Layout.fillWidth: true
                    Layout.preferredHeight: Theme.border
                    color: step.done ? Theme.accent : Theme.line
                }
            }
        }
    }
}
