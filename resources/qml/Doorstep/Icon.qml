import QtQuick
import QtQuick.Controls.impl

// One of the vendored icons (resources/icons), tinted. Decoration only: say the meaning in words beside it.
IconImage {
    id: icon

    property int size: Theme.iconSize

    name: ""
    source: name === "" ? "" : Qt.resolvedUrl("../../icons/" + name + ".svg")
    sourceSize: Qt.size(size, size)
    width: size
    height: size
    color: Theme.ink
    Accessible.ignored: true
}
