import QtQuick
import QtQuick.Layouts

// A person as the staff screen shows them: name large, number masked, then `lines` ("性别 男" …).
Panel {
    id: card

    property string heading: ""
    property string name: ""
    property string idNumber: ""
    property list<string> lines: []
    property string sourceText: ""
    property string photo: ""  // image://page/…, "" without one

    implicitWidth: Theme.px(560)
    implicitHeight: column.implicitHeight + Theme.dp(48)
    Accessible.role: Accessible.StaticText
    Accessible.name: [heading, name, idNumber].concat(Array.from(lines), [sourceText]).filter(part => part !== "").join(", ")

    Image {
        id: picture

        visible: card.photo !== ""
        source: card.photo
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.margins: Theme.dp(24)
        height: card.height - Theme.dp(32)
        width: height * 102 / 126
        fillMode: Image.PreserveAspectFit
        cache: false
        Accessible.role: Accessible.Graphic
        Accessible.name: qsTr("证件照片")
    }

    ColumnLayout {
        id: column

        anchors.left: parent.left
        anchors.right: picture.visible ? picture.left : parent.right
        anchors.top: parent.top
        anchors.margins: Theme.dp(24)
        spacing: Theme.dp(6)

        Caption {
            Layout.fillWidth: true
            visible: text !== ""
            text: card.heading
            Accessible.ignored: true
        }

        Heading {
            Layout.fillWidth: true
            text: card.name
            Accessible.ignored: true
        }

        Body {
            Layout.fillWidth: true
            visible: text !== ""
            text: card.idNumber
            font.letterSpacing: Theme.dp(1)
            Accessible.ignored: true
        }

        Repeater {
            model: card.lines

            Body {
                required property string modelData

                Layout.fillWidth: true
                text: modelData
                color: Theme.muted
                Accessible.ignored: true
            }
        }

        RowLayout {
            visible: card.sourceText !== ""
            spacing: Theme.dp(10)

            Icon {
                name: "circle-check"
                size: Theme.px(30)
                color: Theme.good
            }

            Caption {
                text: card.sourceText
                color: Theme.good
                Accessible.ignored: true
            }
        }
    }
}
