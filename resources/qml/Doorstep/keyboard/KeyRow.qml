pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep

// A row of equal keys; `pressed` carries the key's text. Children are put after them.
RowLayout {
    id: row

    property list<string> keys: []
    property bool shifted: false
    property real indent: 0

    signal pressed(string text)

    spacing: Theme.dp(10)
    uniformCellSizes: false

    Item {
        visible: row.indent > 0
        Layout.fillWidth: true
        Layout.preferredWidth: row.indent * 100
    }

    Repeater {
        model: row.keys

        Key {
            required property string modelData

            objectName: "key_" + modelData
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 100
            text: row.shifted ? modelData.toUpperCase() : modelData
            onClicked: row.pressed(modelData)
        }
    }

    Item {
        visible: row.indent > 0
        Layout.fillWidth: true
        Layout.preferredWidth: row.indent * 100
    }
}
