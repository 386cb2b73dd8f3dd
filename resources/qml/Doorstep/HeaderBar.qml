import QtQuick
import QtQuick.Layouts
import Doorstep.ViewModels

// Who we are, and the four switches everybody may need: language, large print, contrast, help.
Rectangle {
    id: header

    required property ShellViewModel shell

    color: Theme.surface
    implicitHeight: Math.max(line.implicitHeight, Theme.target) + Theme.dp(20)

    RowLayout {
        id: line

        anchors.fill: parent
        anchors.leftMargin: Theme.margin
        anchors.rightMargin: Theme.dp(28)
        spacing: Theme.dp(12)

        Icon {
            name: "doorstep"
            size: Theme.dp(58)
            color: Theme.accent
        }

        ColumnLayout {
            Layout.fillWidth: true
            spacing: Theme.dp(-4)

            Text {
                Layout.fillWidth: true
                text: header.shell.stationName === "" ? qsTr("家门口服务站") : header.shell.stationName
                font.family: Theme.fontFamily
                font.pixelSize: Theme.lead
                font.bold: true
                color: Theme.ink
                elide: Text.ElideRight
                Accessible.role: Accessible.StaticText
                Accessible.name: text
            }

            Text {
                Layout.fillWidth: true
                visible: text !== "" && !Theme.compact
                text: header.shell.centreName
                font.family: Theme.fontFamily
                font.pixelSize: Theme.small
                color: Theme.muted
                elide: Text.ElideRight
                Accessible.ignored: true
            }
        }

        ActionButton {
            objectName: "languageButton"
            kind: "quiet"
            implicitHeight: Theme.target
            leftPadding: Theme.dp(16)
            iconName: "language"
            text: header.shell.languageCode === "zh" ? "English" : "中文"
            font.pixelSize: Theme.body
            onClicked: header.shell.toggleLanguage()
        }

        ActionButton {
            objectName: "largePrintButton"
            kind: "quiet"
            implicitHeight: Theme.target
            leftPadding: Theme.dp(16)
            iconName: header.shell.largePrint ? "check" : "text-size"
            text: header.shell.largePrint ? qsTr("标准字") : qsTr("大字")
            font.pixelSize: Theme.body
            Accessible.checkable: true
            Accessible.checked: header.shell.largePrint
            onClicked: header.shell.toggleLargePrint()
        }

        ActionButton {
            objectName: "highContrastButton"
            kind: "quiet"
            implicitHeight: Theme.target
            leftPadding: Theme.dp(16)
            iconName: header.shell.highContrast ? "check" : "contrast-2"
            text: header.shell.highContrast ? qsTr("标准色") : qsTr("高对比")
            font.pixelSize: Theme.body
            Accessible.checkable: true
            Accessible.checked: header.shell.highContrast
            onClicked: header.shell.toggleHighContrast()
        }

        ActionButton {
            objectName: "helpButton"
            kind: "secondary"
            implicitHeight: Theme.target
            leftPadding: Theme.dp(24)
            iconName: "help-circle"
            text: qsTr("求助")
            font.pixelSize: Theme.body
            font.bold: true
            onClicked: header.shell.openHelp()
        }
    }

    Rectangle {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        height: Theme.border
        color: Theme.line
    }
}
