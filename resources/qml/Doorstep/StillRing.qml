import QtQuick
import QtQuick.Shapes

// How long the page has lain still: a ring that closes, with a camera in the middle.
Rectangle {
    id: ring

    property real value: 0

    implicitWidth: Theme.px(112)
    implicitHeight: width
    radius: width / 2
    color: "#D9131F22"
    Accessible.role: Accessible.ProgressBar
    Accessible.name: qsTr("材料放稳 %1%").arg(Math.round(value * 100))

    Icon {
        anchors.centerIn: parent
        name: "camera"
        size: Theme.px(44)
        color: "#FFFFFF"
    }

    Shape {
        anchors.fill: parent

        ShapePath {
            strokeWidth: Theme.dp(10)
            strokeColor: "#5FE0A8"
            fillColor: "transparent"
            capStyle: ShapePath.RoundCap

            PathAngleArc {
                centerX: ring.width / 2
                centerY: ring.height / 2
                radiusX: ring.width / 2 - Theme.dp(9)
                radiusY: radiusX
                startAngle: -90
                sweepAngle: 360 * Math.max(0, Math.min(1, ring.value))
            }
        }
    }
}
