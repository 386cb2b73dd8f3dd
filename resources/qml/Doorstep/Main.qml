import QtQuick
import QtQuick.Layouts
import Doorstep.ViewModels

// The one window: header, the present screen, lamps; over them help, the idle warning, the keyboard and the cover.
Window {
    id: window

    required property ShellViewModel shell
    required property LiveFrames live
    required property KeyboardModel keyboard

    readonly property FieldInput writing: activeFocusItem as FieldInput

    // Scrolls and shifts until the field that is being written stands above the keyboard.
    function revealField() {
        if (writing === null || Theme.keyboardHeight === 0) {
            body.shift = 0;
            return;
        }
        const field = writing.revealItem;
        for (let ancestor = field.parent; ancestor !== null; ancestor = ancestor.parent) {
            const scroller = ancestor as Flickable;
            if (scroller === null || scroller.contentHeight <= scroller.height)
                continue;
            const top = field.mapToItem(scroller.contentItem, 0, 0).y;
            if (top < scroller.contentY || top + field.height > scroller.contentY + scroller.height)
                scroller.contentY = Math.max(0, Math.min(top - Theme.gap, scroller.contentHeight - scroller.height));
        }
        const inside = field.mapToItem(body, 0, field.height);
        const free = body.height - Math.max(0, Theme.keyboardHeight - statusBar.height);
        body.shift = Math.max(0, inside.y + Theme.gap - free);
    }

    visible: true
    color: Theme.page
    title: qsTr("家门口服务站")
    onWritingChanged: Qt.callLater(revealField)
    onShellChanged: load()
    Component.onCompleted: {
        Session.live = window.live;
        Session.keyboard = window.keyboard;
        load();
    }

    function load() {
        if (shell.screenName === "")
            return;
        body.shift = 0;
        lampSheet.close();
        staffSheet.close();
        screenLoader.setSource(shell.screenUrl, {
            "viewModel": shell.screenViewModel
        });
    }

    Binding {
        target: Theme
        property: "largePrint"
        value: window.shell.largePrint
    }

    Binding {
        target: Theme
        property: "highContrast"
        value: window.shell.highContrast
    }

    Binding {
        target: Theme
        property: "windowWidth"
        value: window.width
    }

    Binding {
        target: Theme
        property: "windowHeight"
        value: window.height
    }

    Connections {
        target: window.shell

        function onScreenChanged() {
            window.load();
        }
    }

    Connections {
        target: Theme

        function onKeyboardHeightChanged() {
            Qt.callLater(window.revealField);
        }
    }

    ColumnLayout {
        anchors.fill: parent
        spacing: 0

        HeaderBar {
            Layout.fillWidth: true
            shell: window.shell
            z: 2
        }

        Banner {
            objectName: "notice"
            Layout.fillWidth: true
            Layout.margins: visible ? Theme.dp(16) : 0
            Layout.leftMargin: Theme.margin
            Layout.rightMargin: Theme.margin
            Layout.bottomMargin: 0
            z: 2
            kind: window.shell.noticeKind
            say: window.shell.noticeSay
            doText: window.shell.noticeDo
            closable: true
            onCloseClicked: window.shell.dismissNotice()
        }

        Item {
            Layout.fillWidth: true
            Layout.fillHeight: true
            clip: true

            Item {
                id: body

                property real shift: 0

                width: parent.width
                height: parent.height
                y: -shift

                Behavior on y {
                    NumberAnimation {
                        duration: Theme.moveDuration
                        easing.type: Easing.OutCubic
                    }
                }

                Loader {
                    id: screenLoader

                    objectName: "screenLoader"
                    anchors.fill: parent
                    focus: true
                }
            }
        }

        StatusBar {
            id: statusBar

            Layout.fillWidth: true
            shell: window.shell
            z: 2
            onLampClicked: lamp => lampSheet.show(lamp)
            onStaffClicked: staffSheet.open()
        }
    }

    Sheet {
        id: lampSheet

        property string explanation: ""

        function show(lamp: var) {
            title = qsTr("%1：%2").arg(lamp.label).arg(lamp.word);
            text = lamp.explanation;
            tone = lamp.tone;
            iconName = Theme.toneIcon(lamp.tone);
            lampNext.say = lamp.todo;
            lampIdentity.text = lamp.identity === "" ? "" : qsTr("编号 %1").arg(lamp.identity);
            open();
        }

        objectName: "lampSheet"
        primaryText: qsTr("知道了")

        Banner {
            id: lampNext

            Layout.fillWidth: true
            kind: "info"
        }

        Caption {
            id: lampIdentity

            Layout.fillWidth: true
            visible: text !== ""
        }
    }

    Sheet {
        id: staffSheet

        objectName: "staffSheet"
        title: qsTr("%1（%2）正在值班").arg(window.shell.staffName).arg(window.shell.staffRole)
        text: window.shell.inVisit ? qsTr("现在结束值班，正在办的内容会加密保存，下次登录可以接着办。") : qsTr("离开座位前，请结束值班。")
        iconName: "user"
        primaryText: qsTr("结束值班")
        secondaryText: qsTr("返回")
        onPrimaryClicked: window.shell.signOff()
    }

    HelpSheet {
        shell: window.shell
    }

    IdleSheet {
        shell: window.shell
    }

    Keyboard {
        window: window
        model: window.keyboard
    }

    CoverView {
        shell: window.shell
    }
}
