import QtQuick

// A calm frame around things that belong together. Children fill it themselves.
Rectangle {
    property string tone: ""

    color: tone === "" ? Theme.surface : Theme.toneSoft(tone)
    border.width: Theme.border
    border.color: tone === "" ? Theme.line : Theme.toneColor(tone)
    radius: Theme.radius
}
