import QtQuick
import QtQuick.Layouts

// One thing that has happened, is happening, or is still to come. progress: done | running | waiting | trouble.
RowLayout {
    id: line

    property string progress: "waiting"
    property string title: ""
    property string text: ""

    readonly property string tone: progress === "done" ? "good" : progress === "trouble" ? "warning" : progress === "running" ? "busy" : "unknown"

    spacing: Theme.gap
    Accessible.role: Accessible.StaticText
    Accessible.name: [title, text].filter(part => part !== "").join(", ")

    Icon {
        Layout.alignment: Qt.AlignTop
        name: line.progress === "waiting" ? "minus" : Theme.toneIcon(line.tone)
        size: Theme.px(52)
        color: Theme.toneColor(line.tone)
    }

    ColumnLayout {
        Layout.fillWidth: true
        spacing: 0

        Body {
            Layout.fillWidth: true
            text: line.title
            font.pixelSize: Theme.lead
            font.bold: line.progress !== "waiting"
            color: line.progress === "waiting" ? Theme.muted : Theme.ink
            Accessible.ignored: true
        }

        Body {
            Layout.fillWidth: true
            visible: text !== ""
            text: line.text
            color: Theme.muted
            Accessible.ignored: true
        }
    }
}
