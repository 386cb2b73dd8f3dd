pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T

// A question or an explanation over a dimmed screen. Declare it inside a screen and call open(); children are shown
// below `text`. Buttons appear for the texts that are set; every one closes the sheet and sends its signal.
T.Popup {
    id: sheet

    property string title: ""
    property string text: ""
    property string iconName: ""
    property string tone: "accent"
    property string primaryText: ""
    property string secondaryText: ""
    property bool primaryEnabled: true
    property bool dangerous: false
    property bool closeOnPrimary: true
    property bool wide: false
    default property alias content: extra.data

    // what the keyboard leaves of the window
    readonly property real room: parent ? parent.height - Theme.keyboardHeight : 0

    signal primaryClicked
    signal secondaryClicked

    parent: T.Overlay.overlay
    x: parent ? Math.round((parent.width - width) / 2) : 0
    y: Math.round((room - height) / 2)
    width: Math.min(parent ? parent.width - 2 * Theme.margin : 0, Theme.px(wide ? 1280 : 960))
    height: Math.min(room - 2 * Theme.gap, implicitContentHeight + topPadding + bottomPadding)
    padding: Theme.dp(44)
    modal: true
    focus: true
    closePolicy: T.Popup.CloseOnEscape

    T.Overlay.modal: Rectangle {
        color: Theme.veil
    }

    background: Rectangle {
        radius: Theme.dp(26)
        color: Theme.surface
        border.width: Theme.border
        border.color: Theme.line
        Accessible.role: Accessible.Dialog
        Accessible.name: sheet.title
    }

    contentItem: ColumnLayout {
        spacing: Theme.gap

        RowLayout {
            Layout.fillWidth: true
            spacing: Theme.gap

            Icon {
                visible: sheet.iconName !== ""
                name: sheet.iconName
                size: Theme.px(56)
                color: Theme.toneColor(sheet.tone)
                Layout.alignment: Qt.AlignTop
            }

            Heading {
                Layout.fillWidth: true
                Layout.alignment: Qt.AlignVCenter
                text: sheet.title
            }
        }

        Flickable {
            id: scroller

            Layout.fillWidth: true
            Layout.fillHeight: true
            implicitHeight: inner.implicitHeight
            contentHeight: inner.implicitHeight
            contentWidth: width
            clip: true
            boundsBehavior: Flickable.StopAtBounds
            interactive: contentHeight > height

            ColumnLayout {
                id: inner

                width: scroller.width - (scroller.contentHeight > scroller.height ? Theme.dp(26) : 0)
                spacing: Theme.gap

                Body {
                    Layout.fillWidth: true
                    visible: text !== ""
                    text: sheet.text
                    font.pixelSize: Theme.lead
                }

                ColumnLayout {
                    id: extra

                    Layout.fillWidth: true
                    spacing: Theme.gap
                }
            }

            ScrollHint {
                flickable: scroller
            }
        }

        RowLayout {
            Layout.fillWidth: true
            Layout.topMargin: Theme.gapSmall
            visible: sheet.primaryText !== "" || sheet.secondaryText !== ""
            spacing: Theme.gap

            ActionButton {
                objectName: "sheetSecondary"
                visible: sheet.secondaryText !== ""
                text: sheet.secondaryText
                large: sheet.primaryText === ""
                onClicked: {
                    sheet.close();
                    sheet.secondaryClicked();
                }
            }

            Item {
                Layout.fillWidth: true
            }

            ActionButton {
                objectName: "sheetPrimary"
                visible: sheet.primaryText !== ""
                enabled: sheet.primaryEnabled
                text: sheet.primaryText
                kind: sheet.dangerous ? "danger" : "primary"
                onClicked: {
                    if (sheet.closeOnPrimary)
                        sheet.close();
                    sheet.primaryClicked();
                }
            }
        }
    }
}
