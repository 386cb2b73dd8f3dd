import QtQuick

// A camera's live picture, as large as fits. `picture` is where it lies, for an outline drawn over it.
// The preview thread runs only while this is visible.
Rectangle {
    id: view

    property string camera: "document_camera"
    readonly property rect picture: Qt.rect((width - image.paintedWidth) / 2, (height - image.paintedHeight) / 2, image.paintedWidth, image.paintedHeight)
    readonly property bool fresh: Session.live !== null && Session.live.fresh

    function begin() {
        if (Session.live !== null && visible && width > 16 && height > 16)
            Session.live.start(camera, width * Screen.devicePixelRatio, height * Screen.devicePixelRatio);
    }

    color: "#101A1C"
    radius: Theme.radiusSmall
    Accessible.role: Accessible.Graphic
    Accessible.name: qsTr("摄像头画面")
    onWidthChanged: begin()
    onHeightChanged: begin()
    onCameraChanged: begin()
    onVisibleChanged: {
        if (visible)
            begin();
        else if (Session.live !== null)
            Session.live.stop();
    }
    Component.onCompleted: begin()
    Component.onDestruction: {
        if (Session.live !== null)
            Session.live.stop();
    }

    Image {
        id: image

        anchors.fill: parent
        fillMode: Image.PreserveAspectFit
        cache: false
        source: Session.live !== null ? Session.live.source : ""
        visible: view.fresh
    }

    Column {
        anchors.centerIn: parent
        visible: !view.fresh
        spacing: Theme.gap
        width: parent.width - 2 * Theme.margin

        Icon {
            anchors.horizontalCenter: parent.horizontalCenter
            name: "camera"
            size: Theme.px(80)
            color: "#C9D3D2"
        }

        Body {
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            color: "#FFFFFF"
            text: qsTr("等待摄像头画面…")
        }
    }
}
