pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// The letters being composed, and the words they may become. Pages are as long as fits.
Item {
    id: bar

    required property KeyboardModel model

    // the first candidate shown on each page so far
    property var pages: [0]
    readonly property int first: pages[pages.length - 1]
    readonly property int shown: {
        let width = 0;
        let count = 0;
        for (let i = first; i < model.candidates.length; i++) {
            width += widthOf(model.candidates[i]);
            if (width > list.width && count > 0)
                break;
            count += 1;
        }
        return count;
    }

    function widthOf(word: string): real {
        return Math.max(Theme.dp(96), word.length * Theme.dp(42) + Theme.dp(48)) + row.spacing;
    }

    implicitHeight: Theme.dp(84)

    Connections {
        target: bar.model

        function onComposingChanged() {
            bar.pages = [0];
        }
    }

    RowLayout {
        anchors.fill: parent
        spacing: Theme.dp(10)

        Text {
            objectName: "composing"
            Layout.preferredWidth: Math.max(Theme.dp(180), Math.min(implicitWidth, Theme.dp(420)))
            leftPadding: Theme.dp(12)
            text: bar.model.composing === "" ? qsTr("拼音") : bar.model.composing
            font.family: Theme.fontFamily
            font.pixelSize: Theme.dp(34)
            font.bold: bar.model.composing !== ""
            color: bar.model.composing === "" ? Theme.muted : Theme.accent
            elide: Text.ElideLeft
            Accessible.role: Accessible.StaticText
            Accessible.name: text
        }

        Item {
            id: list

            Layout.fillWidth: true
            Layout.fillHeight: true
            clip: true

            Row {
                id: row

                height: parent.height
                spacing: Theme.dp(6)

                Repeater {
                    model: bar.shown // by number, see ReviewScreen

                    Key {
                        required property int index
                        readonly property string word: bar.model.candidates[bar.first + index] ?? ""

                        objectName: "candidate_" + index
                        height: row.height
                        width: bar.widthOf(word) - row.spacing
                        text: word
                        onClicked: bar.model.choose(bar.first + index)
                    }
                }
            }
        }

        Key {
            objectName: "candidatesBack"
            Layout.preferredWidth: Theme.dp(100)
            Layout.fillHeight: true
            visible: bar.model.composing !== ""
            enabled: bar.pages.length > 1
            kind: "side"
            iconName: "chevron-left"
            opacity: enabled ? 1 : 0.35
            Accessible.name: qsTr("前一页")
            onClicked: bar.pages = bar.pages.slice(0, -1)
        }

        Key {
            objectName: "candidatesMore"
            Layout.preferredWidth: Theme.dp(100)
            Layout.fillHeight: true
            visible: bar.model.composing !== ""
            enabled: bar.first + bar.shown < bar.model.candidates.length
            kind: "side"
            iconName: "chevron-right"
            opacity: enabled ? 1 : 0.35
            Accessible.name: qsTr("后一页")
            onClicked: bar.pages = bar.pages.concat([bar.first + bar.shown])
        }
    }
}
