pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// The materials of the item with their state, the pages of the present one, and adding one that is not on the list.
// capture_material_0 …, capture_page_0 …, capture_add, capture_materialName, capture_deletePage, capture_rotatePage,
// capture_automatic, capture_take.
ColumnLayout {
    id: side

    required property CaptureViewModel viewModel

    spacing: Theme.dp(12)

    ScrollColumn {
        id: list

        Layout.fillWidth: true
        Layout.fillHeight: true
        spacing: Theme.gapSmall

        Repeater {
            model: side.viewModel.materials

            ColumnLayout {
                id: entry

                required property int index
                required property string materialId
                required property string name
                required property bool required
                required property bool twoSided
                required property bool free
                required property bool done
                required property int pageCount
                required property bool current
                required property bool marked

                // scrolls as little from the top as shows the present material with its pages, once the sizes stand
                Timer {
                    id: reveal

                    interval: 60
                    onTriggered: {
                        if (!entry.current)
                            return;
                        const bottom = entry.y + entry.height;
                        list.contentY = bottom <= list.height ? 0 : Math.max(0, Math.min(entry.y, list.contentHeight - list.height));
                    }
                }

                Layout.fillWidth: true
                spacing: Theme.gapSmall
                onCurrentChanged: reveal.restart()
                onHeightChanged: reveal.restart()
                onYChanged: reveal.restart()

                ListCard {
                    objectName: "capture_material_" + entry.index
                    Layout.fillWidth: true
                    leftPadding: Theme.dp(18)
                    rightPadding: Theme.dp(18)
                    title: entry.name
                    subtitle: {
                        if (entry.marked)
                            return qsTr("请重拍");
                        if (entry.current && side.viewModel.secondSide)
                            return qsTr("正面拍好了，还差背面");
                        if (entry.pageCount > 0)
                            return qsTr("已拍 %n 页", "", entry.pageCount);
                        if (entry.twoSided)
                            return entry.required ? qsTr("必需 · 还没拍 · 正反两面") : qsTr("有就拍 · 正反两面");
                        return entry.required ? qsTr("必需 · 还没拍") : qsTr("有就拍");
                    }
                    iconName: entry.marked ? "alert-triangle" : entry.pageCount > 0 ? "circle-check" : entry.current ? "camera" : "file-text"
                    tone: entry.marked ? "warning" : entry.pageCount > 0 ? "good" : "accent"
                    arrow: false
                    selected: entry.current
                    onClicked: side.viewModel.chooseMaterial(entry.materialId)
                }

                Flow {
                    Layout.fillWidth: true
                    Layout.leftMargin: Theme.dp(18)
                    visible: entry.current
                    spacing: Theme.gapSmall

                    Repeater {
                        model: entry.current ? side.viewModel.pages : null

                        PageThumbnail {
                            id: page

                            required property int index
                            required source
                            required property string pageId
                            required property string pageState
                            required property string verdict
                            required property string reason
                            required property int number

                            objectName: "capture_page_" + index
                            label: qsTr("第 %1 页").arg(number)
                            mark: pageState === "marked" ? qsTr("重拍") : ""
                            onClicked: sheet.show(pageId, source, number, pageState, verdict, reason)
                            // a turned page is a new one in the old one's place: the sheet goes on with it
                            Component.onCompleted: {
                                if (sheet.turning && number === sheet.number)
                                    sheet.show(pageId, source, number, pageState, verdict, reason);
                            }
                        }
                    }

                    ActionButton {
                        objectName: "capture_removeMaterial"
                        visible: entry.free && entry.pageCount === 0
                        kind: "quiet"
                        iconName: "trash"
                        text: qsTr("不要这项")
                        font.pixelSize: Theme.body
                        onClicked: side.viewModel.removeMaterial(entry.materialId)
                    }
                }
            }
        }

        ActionButton {
            objectName: "capture_add"
            Layout.fillWidth: true
            kind: "quiet"
            iconName: "file-plus"
            text: qsTr("再加一种材料")
            onClicked: addSheet.open()
        }
    }

    Toggle {
        objectName: "capture_automatic"
        Layout.fillWidth: true
        text: qsTr("放稳后自动拍")
        checked: side.viewModel.automatic
        onToggled: side.viewModel.setAutomatic(checked)
    }

    ActionButton {
        objectName: "capture_take"
        Layout.fillWidth: true
        kind: "primary"
        large: !Theme.tight
        iconName: "camera"
        text: side.viewModel.secondSide ? qsTr("拍背面") : qsTr("拍一张")
        busy: side.viewModel.busy
        enabled: side.viewModel.cameraReady && !side.viewModel.busy && side.viewModel.materialId !== ""
        onClicked: side.viewModel.take()
    }

    Sheet {
        id: addSheet

        title: qsTr("再加一种材料")
        text: qsTr("给它起个名字，窗口人员看得懂就行。")
        wide: true
        primaryText: qsTr("加上")
        primaryEnabled: materialName.text.trim() !== ""
        secondaryText: qsTr("返回")
        onOpened: materialName.input.forceActiveFocus()
        onClosed: materialName.text = ""
        closeOnPrimary: false
        onPrimaryClicked: {
            side.viewModel.addMaterial(materialName.text);
            close();
        }

        Field {
            id: materialName

            objectName: "capture_materialName"
            Layout.fillWidth: true
            label: qsTr("材料名称")
            inputKind: "pinyin"
            maximumLength: 60
        }

        Flow {
            Layout.fillWidth: true
            spacing: Theme.gapSmall

            Repeater {
                // recorded in Chinese, for the clerk
                model: [["户口簿", qsTr("户口簿")], ["银行卡", qsTr("银行卡")], ["情况说明", qsTr("情况说明")], ["病历", qsTr("病历")], ["照片", qsTr("照片")]]

                Chip {
                    required property int index
                    required property var modelData

                    objectName: "capture_materialName_" + index
                    text: modelData[1]
                    selected: materialName.text === modelData[0]
                    onClicked: materialName.text = modelData[0]
                }
            }
        }
    }

    Sheet {
        id: sheet

        property string pageId: ""
        property string source: ""
        property bool marked: false
        property int number: 0
        property bool turning: false

        function show(id: string, picture: string, place: int, shownState: string, verdict: string, reason: string) {
            turning = false;
            number = place;
            pageId = id;
            source = picture;
            marked = shownState === "marked";
            title = qsTr("第 %1 页").arg(place);
            text = reason !== "" ? reason : verdict;
            open();
        }

        wide: true
        secondaryText: qsTr("返回")
        onClosed: turning = false

        // white paper on a white sheet would have no edge
        Rectangle {
            Layout.fillWidth: true
            Layout.preferredHeight: Theme.windowHeight * 0.42
            // after the resident has left, the marked page is at the centre only
            visible: picture.status !== Image.Ready || picture.implicitWidth > 1
            color: Theme.surfaceSunken
            radius: Theme.radiusSmall

            Image {
                id: picture

                anchors.fill: parent
                anchors.margins: Theme.gapSmall
                source: sheet.opened || sheet.visible ? sheet.source : ""
                fillMode: Image.PreserveAspectFit
                asynchronous: true
                cache: false
                Accessible.role: Accessible.Graphic
                Accessible.name: sheet.title
            }
        }

        RowLayout {
            Layout.fillWidth: true
            visible: !sheet.marked
            spacing: Theme.gap

            ActionButton {
                objectName: "capture_rotatePage"
                Layout.fillWidth: true
                iconName: "rotate-clockwise"
                text: qsTr("转一下")
                enabled: !sheet.turning
                onClicked: {
                    sheet.turning = true;
                    side.viewModel.rotatePage(sheet.pageId);
                }
            }

            ActionButton {
                objectName: "capture_deletePage"
                Layout.fillWidth: true
                kind: "danger"
                iconName: "trash"
                text: qsTr("删掉这页")
                enabled: !sheet.turning
                onClicked: {
                    sheet.close();
                    side.viewModel.deletePage(sheet.pageId);
                }
            }
        }
    }
}
