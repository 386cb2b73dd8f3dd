import QtQuick

// One of the drawings under resources/icons/illustrations. Decoration only: say the meaning in words beside it.
Image {
    property string name: ""

    source: name === "" ? "" : Qt.resolvedUrl("../../icons/illustrations/" + name + ".svg")
    sourceSize: Qt.size(Math.max(1, Math.round(width)), Math.max(1, Math.round(height)))
    fillMode: Image.PreserveAspectFit
    Accessible.ignored: true
}
