import QtQuick
import QtQuick.Shapes

// The page as the camera sees it, outlined over a live picture. `corners` are fractions of `picture`, TL TR BR BL;
// `still` (0..1) thickens the frame as the page lies still.
Item {
    id: overlay

    property rect picture: Qt.rect(0, 0, width, height)
    property list<point> corners: []
    property real still: 0
    readonly property bool found: corners.length === 4

    function spot(number: int): point {
        if (number >= corners.length)
            return Qt.point(0, 0);
        return Qt.point(picture.x + corners[number].x * picture.width, picture.y + corners[number].y * picture.height);
    }

    Accessible.ignored: true

    Shape {
        anchors.fill: parent
        visible: overlay.found

        ShapePath {
            strokeWidth: Theme.dp(5 + 7 * overlay.still)
            strokeColor: overlay.still > 0.02 ? "#5FE0A8" : "#FFFFFF"
            fillColor: "#205FE0A8"
            joinStyle: ShapePath.RoundJoin
            startX: overlay.spot(0).x
            startY: overlay.spot(0).y

            PathLine {
                x: overlay.spot(1).x
                y: overlay.spot(1).y
            }
            PathLine {
                x: overlay.spot(2).x
                y: overlay.spot(2).y
            }
            PathLine {
                x: overlay.spot(3).x
                y: overlay.spot(3).y
            }
            PathLine {
                x: overlay.spot(0).x
                y: overlay.spot(0).y
            }
        }
    }
}
