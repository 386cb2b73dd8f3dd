import QtQuick

Text {
    font.family: Theme.fontFamily
    font.pixelSize: Theme.title
    font.bold: true
    color: Theme.ink
    wrapMode: Text.Wrap
    textFormat: Text.PlainText
    Accessible.role: Accessible.Heading
    Accessible.name: text
}
