import QtQuick

// A place to write one's name with a finger, a pen or a mouse. `strokes` is an array of arrays of points in pixels of
// this item; `changed` is sent at the end of every stroke, and after undo and clear.
Rectangle {
    id: pad

    property string hint: ""
    property string kept: ""
    property var strokes: []
    readonly property bool empty: strokes.length === 0
    readonly property bool writing: area.pressed

    signal changed

    function undo() {
        strokes = strokes.slice(0, -1);
        canvas.requestPaint();
        changed();
    }

    function clear() {
        strokes = [];
        canvas.requestPaint();
        changed();
    }

    color: "#FFFFFF"
    radius: Theme.radius
    border.width: Theme.dp(4)
    border.color: writing || !empty ? Theme.accent : Theme.lineStrong
    Accessible.role: Accessible.Canvas
    Accessible.name: hint

    Rectangle {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        anchors.margins: Theme.dp(48)
        height: Theme.dp(2)
        color: Theme.line
    }

    Body {
        anchors.centerIn: parent
        width: Math.min(implicitWidth, parent.width - 2 * Theme.margin)
        horizontalAlignment: Text.AlignHCenter
        visible: pad.empty && pad.kept === "" && !pad.writing
        text: pad.hint
        font.pixelSize: Theme.title
        color: Theme.muted
        Accessible.ignored: true
    }

    Image {
        anchors.fill: parent
        anchors.margins: Theme.dp(20)
        visible: pad.empty && pad.kept !== "" && !pad.writing
        source: pad.kept
        fillMode: Image.PreserveAspectFit
        asynchronous: true
        cache: false
    }

    Canvas {
        id: canvas

        property var current: []

        function draw(context, points) {
            if (points.length === 0)
                return;
            context.beginPath();
            context.moveTo(points[0].x, points[0].y);
            if (points.length === 1)
                context.lineTo(points[0].x + 0.5, points[0].y + 0.5);
            for (let i = 1; i < points.length - 1; ++i)
                context.quadraticCurveTo(points[i].x, points[i].y, (points[i].x + points[i + 1].x) / 2, (points[i].y + points[i + 1].y) / 2);
            if (points.length > 1)
                context.lineTo(points[points.length - 1].x, points[points.length - 1].y);
            context.stroke();
        }

        anchors.fill: parent
        renderStrategy: Canvas.Immediate
        onPaint: {
            const context = getContext("2d");
            context.reset();
            context.lineWidth = Math.max(3, pad.height / 70);
            context.lineCap = "round";
            context.lineJoin = "round";
            context.strokeStyle = "#10181A";
            for (const stroke of pad.strokes)
                draw(context, stroke);
            draw(context, current);
        }
    }

    MouseArea {
        id: area

        anchors.fill: parent
        preventStealing: true
        onPressed: mouse => {
            canvas.current = [Qt.point(mouse.x, mouse.y)];
            canvas.requestPaint();
        }
        onPositionChanged: mouse => {
            const last = canvas.current[canvas.current.length - 1];
            if (last === undefined || Math.abs(last.x - mouse.x) + Math.abs(last.y - mouse.y) >= 2) {
                canvas.current.push(Qt.point(Math.max(0, Math.min(pad.width, mouse.x)), Math.max(0, Math.min(pad.height, mouse.y))));
                canvas.requestPaint();
            }
        }
        onReleased: finish()
        onCanceled: finish()

        function finish() {
            if (canvas.current.length > 0) {
                pad.strokes = pad.strokes.concat([canvas.current]);
                canvas.current = [];
                canvas.requestPaint();
                pad.changed();
            }
        }
    }
}
