import QtQuick
import QtQuick.Layouts

// A column of children that scrolls when it does not fit; shows a bar when there is more.
Flickable {
    id: scroller

    default property alias content: column.data
    property alias spacing: column.spacing

    contentWidth: width
    contentHeight: column.implicitHeight
    implicitHeight: column.implicitHeight
    implicitWidth: column.implicitWidth
    clip: true
    boundsBehavior: Flickable.StopAtBounds
    interactive: contentHeight > height

    // keeps the control with the keyboard focus in view
    function reveal(item: Item) {
        const top = item.mapToItem(column, 0, 0).y;
        if (top < contentY)
            contentY = Math.max(0, top - Theme.gap);
        else if (top + item.height > contentY + height)
            contentY = Math.min(contentHeight - height, top + item.height - height + Theme.gap);
    }

    ColumnLayout {
        id: column

        width: scroller.width - (scroller.contentHeight > scroller.height ? Theme.dp(26) : 0)
        spacing: Theme.gap
    }

    ScrollHint {
        flickable: scroller
    }
}
