import QtQuick
import QtQuick.Templates as T

// How far something is, 0..1; `indeterminate` when nobody knows. Say it in words as well (`label`).
T.ProgressBar {
    id: control

    property string label: ""

    implicitWidth: Theme.dp(600)
    implicitHeight: Theme.px(22)
    Accessible.role: Accessible.ProgressBar
    Accessible.name: label

    background: Rectangle {
        radius: height / 2
        color: Theme.surfaceSunken
        border.width: Theme.border
        border.color: Theme.lineStrong
    }

    contentItem: Item {
        Rectangle {
            height: parent.height
            width: control.indeterminate ? parent.width * 0.25 : Math.max(parent.height, parent.width * control.visualPosition)
            visible: control.indeterminate || control.visualPosition > 0
            x: control.indeterminate ? (parent.width - width) * runner.place : 0
            radius: height / 2
            color: Theme.accent
        }

        QtObject {
            id: runner

            property real place: 0

            property SequentialAnimation motion: SequentialAnimation {
                running: control.indeterminate && control.visible
                loops: Animation.Infinite

                NumberAnimation {
                    target: runner
                    property: "place"
                    from: 0
                    to: 1
                    duration: 1400
                    easing.type: Easing.InOutQuad
                }
                NumberAnimation {
                    target: runner
                    property: "place"
                    from: 1
                    to: 0
                    duration: 1400
                    easing.type: Easing.InOutQuad
                }
            }
        }
    }
}
