pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Shapes

// A picture with the four corners of its page to drag. `corners` are fractions of the picture, TL TR BR BL;
// `moved(corners)` is sent when a corner is let go. While one is dragged a magnifier shows what lies under the finger.
// A small page (a card) is shown large: the view is the page with a margin around it, not the whole picture.
Item {
    id: editor

    property string source: ""
    property list<point> corners: []
    property bool editable: true
    property var shown: []
    property int dragged: -1
    property string lookedAt: ""
    property rect part: Qt.rect(0, 0, 1, 1)
    readonly property rect picture: Qt.rect(image.x, image.y, image.width, image.height)
    readonly property bool ready: image.status === Image.Ready && shown.length === 4

    signal moved(var corners)

    function take() {
        shown = corners.length === 4 ? corners.map(corner => Qt.point(corner.x, corner.y)) : [];
        look(source !== lookedAt);
        lookedAt = shown.length === 4 ? source : "";
    }

    // the fractions of the picture that are shown: the page and a third more on every side
    function look(again: bool) {
        if (shown.length !== 4) {
            part = Qt.rect(0, 0, 1, 1);
            return;
        }
        const xs = shown.map(corner => corner.x), ys = shown.map(corner => corner.y);
        const left = Math.min(...xs), right = Math.max(...xs), top = Math.min(...ys), bottom = Math.max(...ys);
        if (!again && left >= part.x && right <= part.x + part.width && top >= part.y && bottom <= part.y + part.height)
            return;
        const wide = (right - left) * 0.33, high = (bottom - top) * 0.33;
        const x = Math.max(0, left - wide), y = Math.max(0, top - high);
        part = Qt.rect(x, y, Math.min(1, right + wide) - x, Math.min(1, bottom + high) - y);
    }

    function spot(number: int): point {
        const corner = shown[number];
        return corner === undefined ? Qt.point(0, 0) : Qt.point(picture.x + corner.x * picture.width, picture.y + corner.y * picture.height);
    }

    function place(number: int, x: real, y: real) {
        if (picture.width <= 0 || picture.height <= 0)
            return;
        const next = shown.slice();
        next[number] = Qt.point(Math.max(0, Math.min(1, (x - picture.x) / picture.width)), Math.max(0, Math.min(1, (y - picture.y) / picture.height)));
        shown = next;
    }

    onCornersChanged: {
        if (dragged < 0)
            taking.restart();
    }
    onSourceChanged: taking.restart()
    Component.onCompleted: take()
    clip: true
    Accessible.role: Accessible.Graphic
    Accessible.name: qsTr("刚拍的画面，四个角可以拖动")

    // picture and corners change one after the other; unlike Qt.callLater it ends with the editor
    Timer {
        id: taking

        interval: 0
        onTriggered: editor.take()
    }

    Image {
        id: image

        readonly property real scaling: status !== Image.Ready ? 0 : Math.min(editor.width / (implicitWidth * editor.part.width), editor.height / (implicitHeight * editor.part.height))

        x: editor.width / 2 - (editor.part.x + editor.part.width / 2) * width
        y: editor.height / 2 - (editor.part.y + editor.part.height / 2) * height
        width: implicitWidth * scaling
        height: implicitHeight * scaling
        source: editor.source
        asynchronous: true
        cache: false
    }

    Shape {
        anchors.fill: parent
        visible: editor.ready

        ShapePath {
            strokeWidth: Theme.dp(5)
            strokeColor: "#5FE0A8"
            fillColor: "#185FE0A8"
            startX: editor.spot(0).x
            startY: editor.spot(0).y

            PathLine {
                x: editor.spot(1).x
                y: editor.spot(1).y
            }
            PathLine {
                x: editor.spot(2).x
                y: editor.spot(2).y
            }
            PathLine {
                x: editor.spot(3).x
                y: editor.spot(3).y
            }
            PathLine {
                x: editor.spot(0).x
                y: editor.spot(0).y
            }
        }
    }

    Repeater {
        model: editor.ready && editor.editable ? 4 : 0

        Rectangle {
            id: handle

            required property int index

            objectName: "corner_" + index
            x: editor.spot(index).x - width / 2
            y: editor.spot(index).y - height / 2
            width: Theme.px(64)
            height: width
            radius: width / 2
            color: area.pressed ? "#B35FE0A8" : "#80131F22"
            border.width: Theme.dp(5)
            border.color: "#FFFFFF"
            Accessible.role: Accessible.Grip
            Accessible.name: [qsTr("左上角"), qsTr("右上角"), qsTr("右下角"), qsTr("左下角")][index]

            MouseArea {
                id: area

                anchors.fill: parent
                anchors.margins: -Theme.dp(10)
                preventStealing: true
                onPressed: editor.dragged = handle.index
                onPositionChanged: mouse => {
                    const there = mapToItem(editor, mouse.x, mouse.y);
                    editor.place(handle.index, there.x, there.y);
                }
                onReleased: {
                    editor.dragged = -1;
                    editor.moved(editor.shown);
                }
                onCanceled: {
                    editor.dragged = -1;
                    editor.take();
                }
            }
        }
    }

    Rectangle {
        readonly property point at: editor.spot(Math.max(0, editor.dragged))
        readonly property real zoom: 3

        visible: editor.dragged >= 0
        width: Theme.px(260)
        height: width
        x: at.x < editor.width / 2 ? editor.width - width - Theme.gap : Theme.gap
        y: Theme.gap
        clip: true
        color: "#101A1C"
        border.width: Theme.dp(4)
        border.color: "#FFFFFF"
        Accessible.ignored: true

        Image {
            x: parent.width / 2 - (parent.at.x - editor.picture.x) * parent.zoom
            y: parent.height / 2 - (parent.at.y - editor.picture.y) * parent.zoom
            width: editor.picture.width * parent.zoom
            height: editor.picture.height * parent.zoom
            source: parent.visible ? editor.source : ""
            cache: false
        }

        Rectangle {
            anchors.centerIn: parent
            width: Theme.dp(4)
            height: Theme.dp(60)
            color: "#5FE0A8"
        }

        Rectangle {
            anchors.centerIn: parent
            width: Theme.dp(60)
            height: Theme.dp(4)
            color: "#5FE0A8"
        }
    }
}
