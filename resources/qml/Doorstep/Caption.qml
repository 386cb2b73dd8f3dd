import QtQuick

Text {
    font.family: Theme.fontFamily
    font.pixelSize: Theme.small
    font.bold: false
    color: Theme.muted
    wrapMode: Text.Wrap
    textFormat: Text.PlainText
    Accessible.role: Accessible.StaticText
    Accessible.name: text
}
