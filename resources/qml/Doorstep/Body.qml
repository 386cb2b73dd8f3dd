import QtQuick

Text {
    font.family: Theme.fontFamily
    font.pixelSize: Theme.body
    font.bold: false
    color: Theme.ink
    wrapMode: Text.Wrap
    textFormat: Text.PlainText
    Accessible.role: Accessible.StaticText
    Accessible.name: text
}
