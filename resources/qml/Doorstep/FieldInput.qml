import QtQuick

// The writable line of a Field. The window opens the keyboard of `inputKind` while one of these has the focus.
TextInput {
    id: line

    property string inputKind: "text"
    property string placeholder: ""
    property Item revealItem: line

    activeFocusOnTab: true
    clip: true
    verticalAlignment: TextInput.AlignVCenter
    selectByMouse: true
    color: Theme.ink
    selectionColor: Theme.accent
    selectedTextColor: Theme.accentInk
    font.family: Theme.fontFamily
    font.pixelSize: Theme.lead
    inputMethodHints: inputKind === "digits" ? Qt.ImhDigitsOnly : inputKind === "id_number" || inputKind === "latin" || inputKind === "technical" ? Qt.ImhLatinOnly | Qt.ImhNoPredictiveText : Qt.ImhNone
    Accessible.role: Accessible.EditableText

    TapHandler {
        gesturePolicy: TapHandler.DragThreshold
        onTapped: {
            line.forceActiveFocus();
            Session.keyboardAsked();
        }
    }

    Text {
        anchors.fill: parent
        visible: line.text === "" && line.preeditText === ""
        verticalAlignment: Text.AlignVCenter
        text: line.placeholder
        font: line.font
        color: Theme.muted
        elide: Text.ElideRight
        Accessible.ignored: true
    }
}
